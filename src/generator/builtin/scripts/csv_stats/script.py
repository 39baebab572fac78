"""{{title}}: what is in a CSV file, column by column.

usage: script.py [FILE]

Reads FILE, or the input, or sample.csv. Tells each column's type, how many values it has and how many are missing;
for numbers mean, median, spread and a small histogram, for the rest the most frequent values. A row with too few or
too many cells is counted and left out, and does not stop the reading. Writes stats.json beside it.
"""

import csv
import io
import json
import os
import statistics
import sys
from collections import Counter

INPUT_BYTES_MAX = 16 * 1024 * 1024
COLUMNS_MAX = 200
# Shades, since more fonts have them than have bars of eighths.
BARS = " ░▒▓█"
MISSING = {"", "na", "n/a", "null", "none", "nan", "-"}


def main():
    source, text = read()
    columns, rows, bad = parse(text)
    if not columns:
        sys.exit(f"{source} has no header line: the first line must name the columns.")
    print(f"{source}: {len(rows)} rows, {len(columns)} columns" + (f", {len(bad)} bad rows left out" if bad else ""))
    for number, cells in bad[:5]:
        print(f"  row {number} has {cells} cells instead of {len(columns)}")
    found = []
    for index, name in enumerate(columns):
        stats = describe(name, [row[index] for row in rows])
        found.append(stats)
        show(stats)
    with open("stats.json", "w", encoding="utf-8") as file:
        json.dump({"source": source, "rows": len(rows), "badRows": len(bad), "columns": found}, file, indent=2)
    print("\nWritten to stats.json.")


def read():
    """The text and where it is from: the argument, the input, or the sample."""
    name = sys.argv[1] if len(sys.argv) > 1 else "-"
    if name == "-":
        data = sys.stdin.buffer.read(INPUT_BYTES_MAX + 1) if not sys.stdin.isatty() else b""
        name = "the input" if data.strip() else "sample.csv"
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
    return name, data.decode("utf-8-sig", "replace").replace("\0", "")


def parse(text):
    """The names of the columns, the rows that fit them, and (number, cells) of those that do not."""
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    csv.field_size_limit(1_000_000)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns, rows, bad = [], [], []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = [cell.strip() or f"column {index + 1}" for index, cell in enumerate(cells[:COLUMNS_MAX])]
            elif len(cells) == len(columns):
                rows.append([cell.strip() for cell in cells])
            else:
                bad.append((reader.line_num, len(cells)))
    except csv.Error as error:
        sys.exit(f"line {reader.line_num} is no CSV: {error}")
    return columns, rows, bad


def as_number(text):
    try:
        value = float(text.replace("_", "x"))
    except ValueError:
        return None
    return value if abs(value) < 1e300 else None


def describe(name, cells):
    values = [cell for cell in cells if cell.lower() not in MISSING]
    numbers = [number for number in map(as_number, values) if number is not None]
    stats = {"name": name, "count": len(values), "missing": len(cells) - len(values), "distinct": len(set(values))}
    # A few typing errors do not make a column of numbers one of words.
    if values and len(numbers) >= 0.9 * len(values):
        whole = all(number == int(number) for number in numbers)
        stats.update(type="integer" if whole else "number", ignored=len(values) - len(numbers), sum=tidy(sum(numbers)),
                     mean=tidy(statistics.fmean(numbers)), median=tidy(statistics.median(numbers)),
                     min=tidy(min(numbers)), max=tidy(max(numbers)),
                     stdev=tidy(statistics.stdev(numbers)) if len(numbers) > 1 else None, histogram=histogram(numbers))
    else:
        kind = "boolean" if values and {value.lower() for value in values} <= {"true", "false", "yes", "no"} else "text"
        stats.update(type=kind if values else "empty", top=Counter(values).most_common(5))
    return stats


def tidy(number):
    return int(number) if number == int(number) and abs(number) < 1e15 else float(f"{number:.6g}")


def histogram(numbers):
    low, high, bins = min(numbers), max(numbers), [0] * 24
    if high == low:
        return ""
    for number in numbers:
        bins[min(23, int((number - low) / (high - low) * 24))] += 1
    return "".join(BARS[-(-count * 4 // max(bins))] for count in bins)


def show(stats):
    print(f"\n{stats['name']}  ({stats['type']})")
    print(f"  count {stats['count']}   missing {stats['missing']}   distinct {stats['distinct']}")
    if "mean" in stats:
        print(f"  mean {stats['mean']}   median {stats['median']}   stdev {stats['stdev'] if stats['stdev'] is not None else '–'}")
        print(f"  min {stats['min']}   max {stats['max']}   sum {stats['sum']}")
        if stats["ignored"]:
            print(f"  {stats['ignored']} values are no numbers and were left out")
        if stats["histogram"]:
            print(f"  {stats['histogram']}")
    else:
        for value, count in stats["top"]:
            print(f"  {count:>6} × {value[:60]}")


if __name__ == "__main__":
    main()
