#!/usr/bin/env python3
# Tables of docs/language.md, from a results database of `make measure-language`.
# SPDX-License-Identifier: Apache-2.0
"""    language.py DATABASE --output FOLDER

writes language-float.md, language.md and language-pairs.md. DATABASE may be packed by xz."""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flows/sweeps"))
sys.dont_write_bytecode = True
from documents import open_database, table  # noqa: E402

TECHNIQUES = {"nearest": "", "GPTQ, bias corrected": " --gptq on --bias-correction on",
              "also equalized": " --activation-equalization on --gptq on --bias-correction on"}
GPTQ = "GPTQ, bias corrected"
USUAL = " --unsigned on"  # begins what a row says of its technique
PAIRS = (("int8", "int8"), ("int4", "int8"), ("int4", "int4"), ("e4m3fn", "e4m3fn"), ("e2m1", "e4m3fn"),
         ("e2m1", "e2m1"), ("mxfp8_e4m3", "mxfp8_e4m3"), ("mxfp4", "mxfp8_e4m3"), ("mxfp4", "mxfp4"),
         ("nvfp4", "nvfp4"))


class Rows:
    def __init__(self, rows):
        self.failed = [row for row in rows if row["status"] != "ok"]
        self.rows = {(row["weights"], row["activations"], row["technique"]): row for row in rows
                     if row["status"] == "ok"}
        first = next(iter(self.rows.values()))
        self.float_bits = first["float_value"]
        self.float_percent = 100 * first["float_right"] / first["answers"]
        self.windows, self.characters = first["images"], first["answers"]
        self.seconds = sum(row["seconds"] for row in rows)

    def row(self, weights, activations, technique):
        return self.rows.get((weights, activations, USUAL + TECHNIQUES[technique]))

    def in_float(self):
        return table(("pairs and techniques", "failed", "windows", "characters", "bits in float", "% right in float"),
                     [(len(self.rows), len(self.failed), self.windows, self.characters, f"{self.float_bits:.4f}",
                       f"{self.float_percent:.2f}")])

    def techniques(self):
        """Bits lost to float, and points of next characters lost, of some pairs by each technique."""
        lines = []
        for weights, activations in PAIRS:
            rows = [self.row(weights, activations, technique) for technique in TECHNIQUES]
            cells = ["not measured" if row is None else
                     f"{row['value'] - self.float_bits:+.3f}, {100 * row['images_right'] / row['answers']:.2f} %"
                     for row in rows]
            lines.append([f"{weights} x {activations}", *cells])
        return table(("weights x activations", *TECHNIQUES), lines)

    def grid(self):
        """Bits lost to float with GPTQ, all pairs."""
        found = [row for (_, _, technique), row in self.rows.items() if technique == USUAL + TECHNIQUES[GPTQ]]
        place = lambda kind: {name: (width, family, exponent) for name, width, family, exponent in
                              ((row[kind], row[f"{kind}_width"], row[f"{kind}_kind"], row[f"{kind}_exponent"])
                               for row in found)}
        order = {"int": 0, "float": 1, "block": 2}
        key = lambda item: (order[item[1][1]], item[1][0], item[1][2], item[0])
        weights, activations = ([name for name, _ in sorted(place(kind).items(), key=key)]
                                for kind in ("weights", "activations"))
        cell = lambda row: "" if row is None else f"{row['value'] - self.float_bits:+.3f}"
        return table(("weights \\ activations", *activations),
                     [[name, *(cell(self.row(name, other, GPTQ)) for other in activations)] for name in weights])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database")
    parser.add_argument("--output", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    rows = Rows(open_database(arguments.database, "accuracy"))
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name, text in (("language-float", rows.in_float()), ("language", rows.techniques()),
                       ("language-pairs", rows.grid())):
        (arguments.output / f"{name}.md").write_text(text)


if __name__ == "__main__":
    main()
