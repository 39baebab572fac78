import argparse, json, sys
from pathlib import Path
DB = Path(__file__).with_name('notes.json')
def load(): return json.loads(DB.read_text()) if DB.exists() else []
def main():
    p = argparse.ArgumentParser()
    sub = p.add_subparsers(dest='cmd', required=True)
    a = sub.add_parser('add'); a.add_argument('text')
    sub.add_parser('list')
    args = p.parse_args()
    handler = {'add': lambda: DB.write_text(json.dumps(load() + [args.text])), 'list': lambda: print('\n'.join(load()))}[args.cmd]
    handler()
if __name__ == '__main__':
    sys.exit(main())
