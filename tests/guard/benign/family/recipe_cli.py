#!/usr/bin/env python3
import argparse
import csv
import os
import re
import sys

def rows(path):
    with open(path, newline="", encoding="utf-8") as f:
        yield from csv.DictReader(f)

def main(argv=None):
    parser = argparse.ArgumentParser(description="Sort and search recipes.")
    parser.add_argument("file")
    parser.add_argument("--match", type=re.compile, default=re.compile(""))
    parser.add_argument("--by", choices=['name', 'minutes', 'servings'], default="minutes")
    args = parser.parse_args(argv)
    found = [r for r in rows(args.file) if args.match.search(r["name"])]
    found.sort(key=lambda r: r[args.by])
    width = int(os.environ.get("COLUMNS", 80)) // 3
    for r in found:
        print("".join(r[k].ljust(width) for k in ['name', 'minutes', 'servings']))
    print("-" * 40, file=sys.stderr)
    return 0 if found else 1

if __name__ == "__main__":
    sys.exit(main())
