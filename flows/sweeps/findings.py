#!/usr/bin/env python3
"""Prints the tables of docs/findings.md from a database of flows/sweeps/paper.yaml, or puts them there.

    findings.py FEWBIT DATABASE [--into docs/findings.md]

A table goes between the markers <!-- NAME --> and <!-- NAME-end -->. DATABASE may be packed by xz.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import functools
import json
import math
import statistics
import subprocess
import sys

from documents import open_database, put_tables, table

TARGETS = {"ice40-hx8k": "iCE40", "xilinx-usp": "UltraScale+"}
WIDTHS = range(3, 9)
JOBS = 3600


def geometric_mean(numbers):
    return math.exp(statistics.fmean(math.log(number) for number in numbers))


def percent(ratio):
    return f"{100 * (ratio - 1):+.0f} %"


class Study:
    def __init__(self, fewbit, rows):
        self.fewbit = fewbit
        self.rows = rows
        self.ok = [row for row in rows if row["status"] == "ok"]
        self.at = {(row["target"], row["arch"], row["a"], row["b"]): row for row in self.ok}

    def grid(self, target, arch="optimized"):
        return [row for row in self.ok if (row["target"], row["arch"]) == (target, arch)]

    def diagonal(self, target, arch="optimized"):
        """{(width, exponent bits): row} where one format stands for both operands; 0: integers."""
        return {(row["a_width"], row["a_exponent"]): row
                for row in self.grid(target, arch) if row["a"] == row["b"]}

    @functools.lru_cache(maxsize=None)
    def facts(self, name):
        return json.loads(subprocess.run([self.fewbit, "explain", name, "--json"], check=True,
                                         capture_output=True, text=True).stdout)

    def range_db(self, row):
        return min(self.facts(row["a"])["dynamic_range_db"], self.facts(row["b"])["dynamic_range_db"])

    def sqnr_db(self, row, source="sqnr_gaussian_db"):
        """Of the product. With the best scale E[xq] = E[q^2] = 1 - error, so 1 - E[p^2] E[q^2] is its error."""
        kept = [1 - 10 ** (-self.facts(name)[source] / 10) for name in (row["a"], row["b"])]
        return -10 * math.log10(1 - kept[0] * kept[1])

    # ------------------------------------------------------------------------------------ tables

    def measured(self):
        rows = []
        for target, title in TARGETS.items():
            for arch in ("optimized", "generic"):
                ok = self.grid(target, arch)
                failed = sum((row["target"], row["arch"]) == (target, arch) for row in self.rows) - len(ok)
                fmax = [row["fmax_median_mhz"] for row in ok if row["fmax_median_mhz"]]
                rows.append([title, arch, len(ok), failed, sum(row["vectors"] for row in ok),
                             f"{min(row['luts'] for row in ok)} to {max(row['luts'] for row in ok)}",
                             f"{min(fmax):.0f} to {max(fmax):.0f}" if fmax else "-",
                             f"{sum(row['seconds'] for row in ok) / 3600:.2f}"])
        return table(["target", "architecture", "measured", "failed", "operand pairs compared", "LUTs", "MHz",
                      "hours of one process"], rows)

    def same_format(self):
        text = ""
        for target, title in TARGETS.items():
            cells = self.diagonal(target)
            rows = []
            for width in WIDTHS:
                integer = cells[width, 0]["luts"]
                row = [width, integer]
                for exponent in range(1, 6):
                    cell = cells.get((width, exponent))
                    row.append(f"{cell['luts']} ({percent(cell['luts'] / integer)})" if cell else "")
                rows.append(row)
            text += f"{title}, LUTs:\n\n" + table(
                ["bits", "integer"] + [f"e{exponent}" for exponent in range(1, 6)], rows) + "\n"
        return text

    def overhead(self):
        rows = []
        for target, title in TARGETS.items():
            for arch in ("optimized", "generic"):
                cells = self.diagonal(target, arch)
                parts = []
                for exponents, pick in (({1}, min), ({2, 3, 4, 5}, min), ({2, 3, 4, 5}, statistics.median),
                                        ({2, 3, 4, 5}, max)):
                    ratios = [pick([row["luts"] / cells[width, 0]["luts"] for (bits, exponent), row in cells.items()
                                    if bits == width and exponent in exponents]) for width in WIDTHS]
                    parts.append(f"{percent(min(ratios))} to {percent(max(ratios))}")
                rows.append([title, arch] + parts)
        return table(["target", "architecture", "one exponent bit", "cheapest with two or more", "median of these",
                      "dearest"], rows)

    def against_generic(self):
        rows = []
        for target, title in TARGETS.items():
            for kind, pick in (("integer x integer", {("int", "int")}), ("minifloat x minifloat", {("float", "float")}),
                               ("mixed", {("int", "float"), ("float", "int")})):
                pairs = [(row, self.at[target, "generic", row["a"], row["b"]]) for row in self.grid(target)
                         if (row["a_kind"], row["b_kind"]) in pick
                         and (target, "generic", row["a"], row["b"]) in self.at]
                luts = [a["luts"] / b["luts"] for a, b in pairs]
                fmax = [a["fmax_median_mhz"] / b["fmax_median_mhz"] for a, b in pairs
                        if a["fmax_median_mhz"] and b["fmax_median_mhz"]]
                rows.append([title, kind, len(pairs), f"{geometric_mean(luts):.2f}",
                             f"{min(luts):.2f} to {max(luts):.2f}", f"{geometric_mean(fmax):.2f}" if fmax else "-"])
        return table(["target", "operands", "pairs", "LUTs, geometric mean", "from least to greatest", "MHz"], rows)

    @staticmethod
    def kind(row):
        kinds = {row["a_kind"], row["b_kind"]}
        return "mixed" if len(kinds) == 2 else kinds.pop()

    def cheapest_by_need(self, need, thresholds, unit):
        text = ""
        for target, title in TARGETS.items():
            rows = []
            for threshold in thresholds:
                row = [f"{threshold} {unit}"]
                for kind in ("int", "float", "mixed"):
                    designs = [entry for entry in self.grid(target)
                               if self.kind(entry) == kind and need(entry) >= threshold]
                    if designs:
                        best = min(designs, key=lambda entry: (entry["luts"], entry["a_width"] + entry["b_width"],
                                                               entry["a"], entry["b"]))
                        row.append(f"{best['a']} x {best['b']}: {best['luts']}")
                    else:
                        row.append("none")
                rows.append(row)
            text += f"{title}, LUTs:\n\n" + table(["at least", "integers", "minifloats", "mixed"], rows) + "\n"
        return text

    def by_range(self):
        return self.cheapest_by_need(self.range_db, (12, 18, 24, 30, 36, 42, 60, 80, 100, 150), "dB")

    def by_sqnr(self):
        return self.cheapest_by_need(self.sqnr_db, (6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36), "dB")

    def by_sqnr_laplacian(self):
        return self.cheapest_by_need(lambda row: self.sqnr_db(row, "sqnr_laplacian_db"),
                                     (6, 9, 12, 15, 18, 21, 24, 27, 30), "dB")

    def by_width(self):
        """For each pair of widths: is a pair of minifloats cheaper, more faithful, or both?"""
        rows = []
        pairs = [(a, b) for a in WIDTHS for b in WIDTHS]
        for target, title in TARGETS.items():
            for source, label in (("sqnr_gaussian_db", "Gaussian"), ("sqnr_laplacian_db", "Laplacian")):
                for least, named in ((1, "1 or more"), (2, "2 or more")):
                    counts = [0, 0, 0]
                    for a, b in pairs:
                        designs = [row for row in self.grid(target) if (row["a_width"], row["b_width"]) == (a, b)]
                        integer = next(row for row in designs if self.kind(row) == "int")
                        floats = [row for row in designs if self.kind(row) == "float"
                                  and min(row["a_exponent"], row["b_exponent"]) >= least]
                        cheaper = [row for row in floats if row["luts"] < integer["luts"]]
                        better = [row for row in floats if self.sqnr_db(row, source) > self.sqnr_db(integer, source)]
                        counts[0] += bool(cheaper)
                        counts[1] += bool(better)
                        counts[2] += any(row in better for row in cheaper)
                    rows.append([title, label, named] + counts)
        return table(["target", "source", "exponent bits", "some minifloat pair has fewer LUTs",
                      "some has less error", "some has both"], rows)

    def model(self):
        """Least squares: LUTs = u + v x accumulator bits + w x bits of the product of significands."""
        rows = []
        for target, title in TARGETS.items():
            for arch in ("optimized", "generic"):
                designs = self.grid(target, arch)
                def significand(row, side):
                    return row[side + "_width"] - 1 if row[side + "_kind"] == "int" else row[side + "_fraction"] + 1
                inputs = [(1, row["acc_width"], significand(row, "a") * significand(row, "b")) for row in designs]
                outputs = [row["luts"] for row in designs]
                u, v, w = solve_least_squares(inputs, outputs)
                mean = statistics.fmean(outputs)
                error = sum((y - u - v * x[1] - w * x[2]) ** 2 for x, y in zip(inputs, outputs))
                spread = sum((y - mean) ** 2 for y in outputs)
                rows.append([title, arch, f"{u:.0f}", f"{v:.2f}", f"{w:.2f}", f"{1 - error / spread:.2f}"])
        return table(["target", "architecture", "constant", "LUTs for each bit of the accumulator",
                      "for each partial product bit", "R²"], rows)

    TABLES = ("measured", "same_format", "overhead", "against_generic", "by_width", "by_range", "by_sqnr",
              "by_sqnr_laplacian", "model")


def solve_least_squares(inputs, outputs):
    n = len(inputs[0])
    rows = [[sum(x[i] * x[j] for x in inputs) for j in range(n)] + [sum(x[i] * y for x, y in zip(inputs, outputs))]
            for i in range(n)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [cell / rows[i][i] for cell in rows[i]]
        for k in range(n):
            if k != i:
                rows[k] = [cell - rows[k][i] * other for cell, other in zip(rows[k], rows[i])]
    return [row[n] for row in rows]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fewbit")
    parser.add_argument("database")
    parser.add_argument("--into", help="Markdown file with markers; default: print")
    arguments = parser.parse_args()
    rows = open_database(arguments.database)
    if len(rows) != JOBS:
        sys.exit(f"findings: {arguments.database} has {len(rows)} rows; the grid has {JOBS}: jobs are missing, "
                 "or rows of other tools or builders are there too, and a new database is wanted")
    study = Study(arguments.fewbit, rows)
    if not arguments.into:
        for name in study.TABLES:
            print(f"{name}\n\n{getattr(study, name)()}")
        return
    put_tables(arguments.into, {name.replace("_", "-"): getattr(study, name)() for name in study.TABLES})


if __name__ == "__main__":
    main()
