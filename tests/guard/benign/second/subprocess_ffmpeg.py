import subprocess
import sys
from pathlib import Path

for source in map(Path, sys.argv[1:]):
    target = source.with_suffix(".mp3")
    subprocess.run(["ffmpeg", "-y", "-i", str(source), "-q:a", "2", str(target)], check=True)
    print(target)
