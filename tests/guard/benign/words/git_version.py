"""Prints the version of the project, from git where there is one."""
import subprocess
from importlib.metadata import PackageNotFoundError, version


def described() -> str:
    try:
        return version("notes")
    except PackageNotFoundError:
        pass
    try:
        done = subprocess.run(["git", "describe", "--tags", "--always"], capture_output=True, text=True, check=True)
        return done.stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


if __name__ == "__main__":
    print(described())
