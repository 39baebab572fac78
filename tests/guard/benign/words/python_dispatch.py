import argparse
import json
import sys
from pathlib import Path

COMMANDS = {}


def command(function):
    COMMANDS[function.__name__.replace("_", "-")] = function
    return function


@command
def list_items(store, _args):
    for number, item in enumerate(store["items"], 1):
        print(f"{number:>3}. {'x' if item['done'] else ' '} {item['title']}")


@command
def add(store, args):
    store["items"].append({"title": " ".join(args.words), "done": False})


@command
def done(store, args):
    store["items"][int(args.words[0]) - 1]["done"] = True


def main(argv=None) -> int:
    parser = argparse.ArgumentParser(description="todo list")
    parser.add_argument("command", choices=sorted(COMMANDS))
    parser.add_argument("words", nargs="*")
    parser.add_argument("--file", type=Path, default=Path("todo.json"))
    args = parser.parse_args(argv)
    store = json.loads(args.file.read_text()) if args.file.exists() else {"items": []}
    COMMANDS[args.command](store, args)
    args.file.write_text(json.dumps(store, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
