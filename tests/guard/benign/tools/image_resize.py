import concurrent.futures
import sys
from pathlib import Path

from PIL import Image

SIZES = (320, 640, 1280)


def resize(path: Path) -> list[Path]:
    made = []
    with Image.open(path) as image:
        for width in SIZES:
            if image.width <= width:
                continue
            target = path.with_name(f"{path.stem}-{width}{path.suffix}")
            image.resize((width, image.height * width // image.width), Image.Resampling.LANCZOS).save(target, quality=85)
            made.append(target)
    return made


def main() -> None:
    paths = [path for folder in sys.argv[1:] for path in Path(folder).glob("*.jpg")]
    with concurrent.futures.ProcessPoolExecutor() as pool:
        for made in pool.map(resize, paths):
            print(*made, sep="\n")


if __name__ == "__main__":
    main()
