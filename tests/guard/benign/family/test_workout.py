import json
import os
import subprocess
import sys
import pytest
from unittest import mock

def make(**kw):
    return {**dict.fromkeys(['kind', 'reps', 'weight'], ""), **kw}

@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("DB_PATH", str(tmp_path / "workout.db"))
    monkeypatch.chdir(tmp_path)
    return tmp_path

@pytest.mark.parametrize("value", ["", "a", "é" * 80])
def test_kind(store, value):
    row = make(kind=value)
    assert json.loads(json.dumps(row)) == row

def test_module_runs():
    assert subprocess.run([sys.executable, "-m", "workout", "--help"], capture_output=True).returncode in (0, 1)

def test_env():
    with mock.patch.dict(os.environ, {"PORT": "8000"}):
        assert os.environ.get("PORT") == "8000"
