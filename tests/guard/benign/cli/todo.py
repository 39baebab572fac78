import argparse
import json
import sys
from pathlib import Path

FILE = Path("todo.json")

def load():
    return json.loads(FILE.read_text()) if FILE.exists() else []

def main():
    p = argparse.ArgumentParser()
    p.add_argument("command", choices=["add", "list", "done"])
    p.add_argument("text", nargs="*")
    a = p.parse_args()
    items = load()
    if a.command == "add":
        items.append(" ".join(a.text))
    elif a.command == "done":
        items.pop(int(a.text[0]) - 1)
    FILE.write_text(json.dumps(items))
    for i, t in enumerate(items, 1):
        print(i, t)

if __name__ == "__main__":
    sys.exit(main())
