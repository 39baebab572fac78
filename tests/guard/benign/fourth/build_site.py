import pathlib
import shutil
import sys

ROOT = pathlib.Path(__file__).parent
OUT = ROOT / "site"


def build():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    template = (ROOT / "template.html").read_text()
    for source in sorted((ROOT / "pages").glob("*.md")):
        body = "\n".join(f"<p>{line}</p>" for line in source.read_text().splitlines() if line)
        (OUT / f"{source.stem}.html").write_text(template.replace("{{ body }}", body))
    shutil.copytree(ROOT / "static", OUT / "static")


if __name__ == "__main__":
    build() if "--check" not in sys.argv else print("ok")
