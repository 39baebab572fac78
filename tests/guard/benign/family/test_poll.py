import json
import os
import subprocess
import sys
import pytest
from unittest import mock

def make(**kw):
    return {**dict.fromkeys(['question', 'yes', 'no'], ""), **kw}

@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("DB_PATH", str(tmp_path / "poll.db"))
    monkeypatch.chdir(tmp_path)
    return tmp_path

@pytest.mark.parametrize("value", ["", "a", "é" * 80])
def test_question(store, value):
    row = make(question=value)
    assert json.loads(json.dumps(row)) == row

def test_module_runs():
    assert subprocess.run([sys.executable, "-m", "poll", "--help"], capture_output=True).returncode in (0, 1)

def test_env():
    with mock.patch.dict(os.environ, {"PORT": "8000"}):
        assert os.environ.get("PORT") == "8000"
