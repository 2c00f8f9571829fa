#!/usr/bin/env python3
"""Prints what designs cost in standard cells, from a database of flows/sweeps/asic.yaml or paper_asic.yaml.

    asic_table.py DATABASE [--operator mac] [--into DOCUMENT]

A table goes between the markers <!-- asic-OPERATOR --> and <!-- asic-OPERATOR-end -->. DATABASE may be packed by xz.
Exit code 1: a row failed, or one of the two architectures of a design is missing.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import sys

from documents import open_database, put_tables, table

HEAD = ["operands", "area, µm²", "gates", "flip-flops", "longest path, ns", "generic: area, µm²", "optimized / generic",
        "area / int8's"]


def designs(rows, operator):
    """{operands: {arch: row}} of the designs with both architectures, in the order of the commands."""
    both = {}
    for row in rows:
        if row["operator"] != operator or row["area"] is None:
            continue
        name = row["a"] if row["a"] == row["b"] else f"{row['a']} × {row['b']}"
        both.setdefault(name, {})[row["arch"]] = row
    return both


def area_table(both):
    base = both.get("int8", {}).get("optimized")
    lines = []
    for name, archs in both.items():
        own, other = archs["optimized"], archs["generic"]
        lines.append([name, f"{own['area']:,.0f}", own["gates"], own["ffs"], f"{own['path_ns']:.2f}",
                      f"{other['area']:,.0f}", f"{own['area'] / other['area']:.2f}",
                      f"{own['area'] / base['area']:.2f}" if base else "-"])
    return table(HEAD, lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("database")
    parser.add_argument("--operator", action="append", help="one of several; default: all that are there")
    parser.add_argument("--into", help="a document with markers; default: printed")
    words = parser.parse_args()
    rows = open_database(words.database)
    failed = [f"{row['command']}: {row['reason']}" for row in rows if row["status"] != "ok"]
    tables = {}
    for operator in words.operator or sorted({row["operator"] for row in rows}):
        both = designs(rows, operator)
        failed += [f"{operator} of {name}: {' and '.join(archs)} alone" for name, archs in both.items() if len(archs) < 2]
        if not both:
            failed.append(f"{operator}: no row with an area")
        if not failed:
            tables[f"asic-{operator}"] = area_table(both)
    if failed:
        sys.exit("\n".join(failed))
    if words.into:
        put_tables(words.into, tables)
    else:
        print("\n".join(tables.values()), end="")


if __name__ == "__main__":
    main()
