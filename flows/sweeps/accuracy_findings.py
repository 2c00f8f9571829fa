#!/usr/bin/env python3
"""Prints the tables of docs/accuracy.md about all pairs of formats, or puts them there.

    accuracy_findings.py ACCURACIES COSTS [--into docs/accuracy.md]

ACCURACIES is a database of `make accuracy-paper`, COSTS one of flows/sweeps/paper.yaml; either may be packed by xz.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import re
import statistics

from documents import open_database, put_tables, table

TARGETS = {"ice40-hx8k": "iCE40", "xilinx-usp": "UltraScale+"}
WIDTHS = range(3, 9)
ALIKE = 0.2  # points: twenty images of 10,000, about what a repeated choice among equals gives
LOSSES = (0.25, 0.5, 1, 2, 4)  # points below float
WITH_EXPONENTS = "of two exponent bits or more"  # those of the minifloats that are no sign-magnitude integers
FAMILIES = ("integers", "minifloats", WITH_EXPONENTS, "mixed")
SIGNED = " --unsigned off"  # begins the first technique, as in the paper
UNSIGNED = " --unsigned on"  # the second one: activations without a sign, the gain of few bits corrected


def without_sign(name):
    """The format that activations have after a ReLU in place of this one."""
    minifloat = re.fullmatch(r"e(\d)m(\d)f?", name)
    return f"ue{minifloat[1]}m{int(minifloat[2]) + 1}f" if minifloat else "u" + name


def in_family(row, kind):
    if kind == WITH_EXPONENTS:
        return row["family"] == "minifloats" and min(row["weights_exponent"], row["activations_exponent"]) >= 2
    return row["family"] == kind


def family(row):
    kinds = {row["weights_kind"], row["activations_kind"]}
    if "block" in kinds:
        return "blocks"
    return "mixed" if len(kinds) == 2 else {"int": "integers", "float": "minifloats"}[kinds.pop()]


class Study:
    def __init__(self, accuracies, costs, technique=SIGNED):
        self.rows = accuracies = [row for row in accuracies if row["technique"].startswith(technique)]
        self.technique = technique
        for row in accuracies:
            row["family"] = family(row)
            row["percent"] = 100 * row["images_right"] / row["images"]
            row["loss"] = 100 * (row["float_right"] - row["images_right"]) / row["images"]
        self.ok = [row for row in accuracies if row["status"] == "ok"]
        self.networks = sorted({row["network"] for row in accuracies},
                               key=("resnet", "mobilenet", "vit").index)
        self.luts = {}
        for cost in costs:
            if cost["status"] == "ok" and cost["arch"] == "optimized":
                for a, b in ((cost["a"], cost["b"]), (cost["b"], cost["a"])):
                    key = cost["target"], a, b
                    self.luts[key] = min(cost["luts"], self.luts.get(key, cost["luts"]))

    def of(self, network):
        return [row for row in self.ok if row["network"] == network]

    def best(self, network, kind, weights, activations):
        """The most accurate pair of these widths, or None."""
        pairs = [row for row in self.of(network) if row["family"] == kind
                 and (row["weights_width"], row["activations_width"]) == (weights, activations)]
        return max(pairs, key=lambda row: row["images_right"], default=None)

    def width_pairs(self, network):
        """(weights, activations, best integer pair, best minifloat pair) of all widths that were measured."""
        for weights in WIDTHS:
            for activations in WIDTHS:
                integer = self.best(network, "integers", weights, activations)
                minifloat = self.best(network, "minifloats", weights, activations)
                if integer and minifloat:
                    yield weights, activations, integer, minifloat

    # ------------------------------------------------------------------------------------ tables

    def grid_measured(self):
        rows = []
        for network in self.networks:
            found = [row for row in self.rows if row["network"] == network]
            ok = self.of(network)
            blocks = sum(row["family"] == "blocks" for row in found)
            rows.append([f"`{network}`", len(found) - blocks, blocks, len(found) - len(ok),
                         ", ".join(sorted({str(row["images"]) for row in ok})),
                         f"{100 * ok[0]['float_right'] / ok[0]['images']:.2f}",
                         f"{sum(row['seconds'] for row in ok) / 3600:.2f}"])
        return table(["network", "pairs", "pairs with blocks", "failed", "test images", "float", "hours"], rows)

    def grid_same_width(self, widths=WIDTHS):
        rows = []
        for width in widths:
            row = [width]
            for network in self.networks:
                integer = self.best(network, "integers", width, width)
                minifloat = self.best(network, "minifloats", width, width)
                if not integer or not minifloat:
                    row += ["", ""]
                    continue
                row += [f"{integer['percent']:.2f}",
                        f"{minifloat['percent']:.2f} ({minifloat['weights']} x {minifloat['activations']})"]
            rows.append(row)
        head = ["bits"]
        for network in self.networks:
            head += [f"`{network}`, integers", "best minifloats"]
        return table(head, rows)

    def grid_wins(self):
        rows = []
        for network in self.networks:
            for label, chosen in (("3", lambda w, a: min(w, a) == 3), ("4 to 5", lambda w, a: min(w, a) in (4, 5)),
                                  ("6 to 8", lambda w, a: min(w, a) >= 6)):
                gains = [minifloat["percent"] - integer["percent"]
                         for w, a, integer, minifloat in self.width_pairs(network) if chosen(w, a)]
                if gains:
                    rows.append([f"`{network}`", label, len(gains), sum(gain > ALIKE for gain in gains),
                                 sum(abs(gain) <= ALIKE for gain in gains), sum(gain < -ALIKE for gain in gains),
                                 f"{statistics.median(gains):+.2f}", f"{min(gains):+.2f} to {max(gains):+.2f}"])
        return table(["network", "bits of the narrower operand", "pairs of widths", "minifloats better", "alike",
                      "integers better", "median gain, points", "from least to greatest"], rows)

    def grid_operands(self):
        """What few bits of one operand cost, while the other one has eight."""
        rows = []
        for network in self.networks:
            for label, widths in (("weights", lambda width: (width, 8)), ("activations", lambda width: (8, width))):
                row = [f"`{network}`", label]
                for width in (3, 4, 5):
                    for kind in ("integers", "minifloats"):
                        best = self.best(network, kind, *widths(width))
                        row.append(f"{best['loss']:.2f}" if best else "")
                rows.append(row)
        return table(["network", "few bits of", *(f"{width} bits, {kind}" for width in (3, 4, 5)
                                                  for kind in ("integers", "minifloats"))], rows)

    def cheapest(self, network, loss, figure, families, describe):
        """Of each family the cheapest pair that loses at most so much."""
        row = [f"`{network}`", f"{loss:g}"]
        for kind in families:
            pairs = [pair for pair in self.of(network) if in_family(pair, kind) and pair["loss"] <= loss
                     and figure(pair) is not None]
            best = min(pairs, key=lambda pair: (figure(pair), pair["loss"], pair["command"]), default=None)
            row.append(describe(best) if best else "none")
        return row

    def grid_luts(self):
        text = ""
        for target, title in TARGETS.items():
            def luts(pair, target=target):
                activations = pair["activations"] if self.technique == SIGNED else without_sign(pair["activations"])
                return self.luts.get((target, pair["weights"], activations))
            rows = [self.cheapest(network, loss, luts, FAMILIES,
                                  lambda pair: f"{luts(pair)}: {pair['weights']} x {pair['activations']}")
                    for network in self.networks for loss in LOSSES]
            text += f"{title}, LUTs of the MAC: weights x activations\n\n" + table(
                ["network", "points lost at most", *FAMILIES], rows) + "\n"
        return text

    def grid_memory(self):
        families = ("integers", "minifloats", "mixed", "blocks")
        rows = [self.cheapest(network, min(LOSSES), lambda pair: pair["weight_bits"], families,
                              lambda pair: f"{pair['weight_bits'] / 8192:.1f}: {pair['weights']} x "
                              f"{pair['activations']}") for network in self.networks]
        return table(["network", "points lost at most", *families], rows)

    def grid_blocks(self):
        formats = sorted({row["weights"] for row in self.ok if row["weights_kind"] == "block"})
        rows = [[f"`{name}`", *(f"{row['percent']:.2f}" for network in self.networks for row in self.of(network)
                                if row["weights"] == row["activations"] == name)] for name in formats]
        return table(["both operands", *(f"`{network}`" for network in self.networks)], rows)

    TABLES = ("grid_measured", "grid_same_width", "grid_wins", "grid_operands", "grid_luts",
              "grid_memory", "grid_blocks")


def unsigned_tables(first, second):
    """Of the second technique; empty where it was not measured."""
    if not second.ok:
        return {"unsigned-compared": "", "unsigned-same-width": "", "unsigned-luts": ""}
    old = {(row["network"], row["weights"], row["activations"]): row["percent"] for row in first.ok}
    compared = []
    for network in second.networks:
        gains = [(row["percent"] - old[key], f"{row['weights']} x {row['activations']}") for row in second.of(network)
                 if (key := (network, row["weights"], row["activations"])) in old]
        if gains:
            compared.append([f"`{network}`", len(second.of(network)), len(gains),
                             sum(gain > ALIKE for gain, _ in gains), sum(abs(gain) <= ALIKE for gain, _ in gains),
                             sum(gain < -ALIKE for gain, _ in gains), f"{min(gains)[0]:+.2f} ({min(gains)[1]})",
                             f"{sum(row['seconds'] for row in second.of(network)) / 3600:.2f}"])
    has_costs = any((target, row["weights"], without_sign(row["activations"])) in second.luts
                    for target in TARGETS for row in second.ok)
    return {"unsigned-compared": table(["network", "pairs", "measured in both ways", "better", "alike", "worse",
                                        "the least gain, points", "hours"], compared),
            "unsigned-same-width": second.grid_same_width(range(2, 9)),
            "unsigned-luts": second.grid_luts() if has_costs else ""}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("accuracies")
    parser.add_argument("costs")
    parser.add_argument("--into", help="Markdown file with markers; default: print")
    arguments = parser.parse_args()
    accuracies, costs = open_database(arguments.accuracies, "accuracy"), open_database(arguments.costs)
    study = Study(accuracies, costs)
    tables = {name.replace("_", "-"): getattr(study, name)() for name in study.TABLES}
    tables |= unsigned_tables(study, Study(accuracies, costs, UNSIGNED))
    if arguments.into:
        put_tables(arguments.into, tables)
    else:
        for name, text in tables.items():
            print(f"{name}\n\n{text}")


if __name__ == "__main__":
    main()
