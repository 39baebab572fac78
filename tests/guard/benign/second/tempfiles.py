import contextlib
import os
import shutil
import tempfile
import zipfile
from pathlib import Path


@contextlib.contextmanager
def workspace():
    folder = Path(tempfile.mkdtemp(prefix="work-"))
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield folder
    finally:
        os.chdir(before)
        shutil.rmtree(folder, ignore_errors=True)


with workspace() as folder:
    Path("a.txt").write_text("hello")
    with zipfile.ZipFile("out.zip", "w") as archive:
        for path in folder.rglob("*.txt"):
            archive.write(path, path.relative_to(folder))
    shutil.copy("out.zip", before_target := Path(os.environ.get("TARGET", "/tmp/out.zip")))
    print(before_target)
