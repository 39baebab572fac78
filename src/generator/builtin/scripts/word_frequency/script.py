"""{{title}}: which words a text uses, and how often.

usage: script.py [--top N] [FILE]

Reads FILE, or the input, or sample.txt. Words are folded to lower case; very common English words are counted apart.
Writes words.csv beside it.
"""

import csv
import os
import re
import sys
from collections import Counter

TOP = int("{{top}}")
TOP_MAX = 1000
INPUT_BYTES_MAX = 16 * 1024 * 1024
BAR_WIDTH = 36
COMMON = set(
    "a about after all also an and are as at be because been but by can could did do does for from had has have he her "
    "his how i if in into is it its just like me more my no not of on one or our out she so some than that the their "
    "them then there these they this to up was we were what when which who will with would you your".split()
)


def main():
    top, name = options(sys.argv[1:])
    source, text = read(name)
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text.lower())
    if not words:
        sys.exit(f"{source} has no words.")
    counts = Counter(words)
    telling = [(word, count) for word, count in counts.most_common() if word not in COMMON]
    print(f"{source}: {len(words)} words, {len(counts)} different, {sum(map(len, words)) / len(words):.1f} letters on average")
    print(f"{sum(counts[word] for word in COMMON)} of them are very common words and are left out below\n")
    table(telling[:top] or counts.most_common(top))
    pairs = Counter(pair for pair in zip(words, words[1:]) if not COMMON & set(pair))
    repeated = [(" ".join(pair), count) for pair, count in pairs.most_common(5) if count > 1]
    if repeated:
        print("\nPairs that come again:\n")
        table(repeated)
    with open("words.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["word", "count"])
        writer.writerows(counts.most_common())
    print("\nAll words are in words.csv.")


def options(args):
    top, name = TOP, "-"
    while args:
        arg = args.pop(0)
        if arg in ("--top", "-n"):
            number = args.pop(0) if args else ""
            if not re.fullmatch(r"[0-9]{1,4}", number) or not 1 <= int(number) <= TOP_MAX:
                sys.exit(f"--top needs a number from 1 to {TOP_MAX}.")
            top = int(number)
        elif arg.startswith("-") and arg != "-":
            sys.exit(f"unknown option {arg}\nusage: script.py [--top N] [FILE]")
        else:
            name = arg
    return top, name


def read(name):
    """The text and where it is from: the argument, the input, or the sample."""
    if name == "-":
        data = sys.stdin.buffer.read(INPUT_BYTES_MAX + 1) if not sys.stdin.isatty() else b""
        name = "the input" if data.strip() else "sample.txt"
    if name != "the input":
        try:
            if os.path.getsize(name) > INPUT_BYTES_MAX:
                sys.exit(f"{name} is too large: at most {INPUT_BYTES_MAX // 1024 // 1024} MiB.")
            with open(name, "rb") as file:
                data = file.read()
        except OSError as error:
            sys.exit(f"cannot read {name}: {error.strerror}")
    if len(data) > INPUT_BYTES_MAX:
        sys.exit(f"the input is too large: at most {INPUT_BYTES_MAX // 1024 // 1024} MiB.")
    return name, data.decode("utf-8-sig", "replace")


def table(counts):
    width, most = max(len(word) for word, _ in counts[:TOP_MAX]), counts[0][1]
    for word, count in counts:
        print(f"{word[:40]:<{min(width, 40)}}  {count:>6}  {'█' * max(1, round(count / most * BAR_WIDTH))}")


if __name__ == "__main__":
    main()
