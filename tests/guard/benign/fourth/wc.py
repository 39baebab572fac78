#!/usr/bin/env python3
import argparse
import sys
from collections import Counter
from pathlib import Path


def main():
    parser = argparse.ArgumentParser(description="Count words")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("-n", type=int, default=10)
    args = parser.parse_args()
    counts = Counter()
    for path in args.files:
        counts.update(path.read_text(encoding="utf-8").lower().split())
    if not args.files:
        counts.update(sys.stdin.read().lower().split())
    for word, n in counts.most_common(args.n):
        print(f"{n:6} {word}")


if __name__ == "__main__":
    main()
