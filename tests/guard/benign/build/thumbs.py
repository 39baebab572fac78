import subprocess
from pathlib import Path

for video in Path("videos").glob("*.mp4"):
    subprocess.run(["ffmpeg", "-i", str(video), "-ss", "1", "-vframes", "1", str(video.with_suffix(".png"))], check=True)
