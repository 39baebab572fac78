#!/usr/bin/env python3
"""Renames photos by the day they were taken."""
import logging
import os
from datetime import datetime
from pathlib import Path

from PIL import ExifTags, Image

log = logging.getLogger(__name__)
DATE = next(number for number, name in ExifTags.TAGS.items() if name == "DateTimeOriginal")


def taken(path: Path) -> datetime:
    exif = Image.open(path).getexif()
    if text := exif.get_ifd(0x8769).get(DATE):
        return datetime.strptime(text, "%Y:%m:%d %H:%M:%S")
    return datetime.fromtimestamp(path.stat().st_mtime)


def main() -> None:
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"))
    for path in sorted(Path.cwd().glob("*.[jJ][pP][gG]")):
        name = taken(path).strftime("%Y-%m-%d_%H%M%S")
        target = path.with_name(name + path.suffix.lower())
        number = 1
        while target.exists() and target != path:
            target = path.with_name(f"{name}_{number}{path.suffix.lower()}")
            number += 1
        log.info("%s -> %s", path.name, target.name)
        path.rename(target)


if __name__ == "__main__":
    main()
