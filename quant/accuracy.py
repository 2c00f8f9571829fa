#!/usr/bin/env python3
# Tables of docs/accuracy.md, by `fewbit quant run` on Fashion-MNIST.
# SPDX-License-Identifier: Apache-2.0
"""Writes eight.md, ranges.md, learned.md, four.md, widths.md and rounded.md. Ranges and techniques are chosen on training
images; test images are counted once for each row that is printed."""

import argparse
import json
import pathlib
import statistics
import subprocess

DATA = pathlib.Path("/usr/share/datasets/fashion-mnist")
NETWORKS = ("resnet", "mobilenet", "vit")
CHOOSING_IMAGES = 5000  # training images that techniques are compared on
TEST_IMAGES = 10000
ACCUMULATOR_IMAGES = 1000  # of the test images: accumulators that are no product of matrices take their time
BOTH = ("--activation-equalization", "on", "--bias-correction", "on")
ROUNDINGS = {"nearest": (), "GPTQ": ("--gptq", "on"), "learned": ("--learned-rounding", "local")}
TECHNIQUES = {**ROUNDINGS, **{f"{name}, equalized, bias corrected": options + BOTH
                              for name, options in ROUNDINGS.items()}}


class Runs:
    def __init__(self, fewbit, jobs):
        self.command = [fewbit, "quant", "run", "--json"]
        self.jobs = ["--jobs", str(jobs)] if jobs else []

    def run(self, network, images, limit, weights, activations, options=()):
        """The document of one run on the first images of "train" or "t10k"."""
        words = self.command + self.jobs + [
            "--network", str(pathlib.Path(__file__).parent / "networks" / f"{network}.onnx"),
            "--images", str(DATA / f"{images}-images-idx3-ubyte.gz"),
            "--labels", str(DATA / f"{images}-labels-idx1-ubyte.gz"),
            "--calibration-images", str(DATA / "train-images-idx3-ubyte.gz"),
            "--limit", str(limit), "--unsigned", "off", "--format-weights", weights,
            "--format-activations", activations, *options]
        return json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def right(run):
    return run["quantized"]["right"]


def sqnr_db(run):
    """Mean over the layers between the first and the last whose right operand has the format of weights:
    products of two activations only where these have it too. A layer without noise counts for nothing."""
    quantized = run["quantized"]
    values = [layer["result_sqnr_db"] for layer in quantized["layers"][1:-1]
              if layer["right"] == quantized["weights"]]
    return statistics.mean(value for value in values if value is not None)


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def eight(runs):
    """All operands in 8 bits."""
    formats = ("int8", "e3m4f", "e4m3f", "e5m2f")
    rows = []
    for network in NETWORKS:
        results = [runs.run(network, "t10k", TEST_IMAGES, name, name) for name in formats]
        rows.append([f"`{network}`", f"{results[0]['float']['percent']:.2f}"]
                    + [f"{result['quantized']['percent']:.2f}" for result in results])
    return table(("network", "float") + tuple(f"{name} x {name}" for name in formats), rows)


def ranges(runs):
    """Ranges of activations, with weights in 8 bits, on the calibration images alone."""
    rules = ("absmax", "percentile", "mse")
    rows = []
    for network in NETWORKS:
        for name in ("int4", "e2m1", "int8", "e4m3f"):
            results = [runs.run(network, "train", 32, "int8", name, ("--range-activations", rule))
                       for rule in rules]
            rows.append([f"`{network}`", name] + [f"{sqnr_db(result):.1f}" for result in results])
    return table(("network", "activations") + rules, rows)


def learned(runs):
    """What rounding weights costs the transformer, with activations in 16 bits."""
    ways = {**ROUNDINGS, "learned, integer start": ("--learned-rounding", "integer")}
    rows = []
    for name in ("e2m1", "e3m2", "e4m3f"):
        results = [runs.run("vit", "train", 32, name, "int16", options)
                   for options in ways.values()]
        rows.append([name] + [f"{sqnr_db(result):.2f}" for result in results])
    return table(("weights",) + tuple(ways), rows)


def four(runs):
    """4-bit weights, 8-bit activations, on the transformer."""
    rows = []
    for weights, activations in (("int4", "int8"), ("e1m2f", "e3m4f"), ("e2m1", "e3m4f"),
                                 ("e3m0f", "e3m4f")):
        chosen = max(TECHNIQUES, key=lambda name: right(
            runs.run("vit", "train", CHOOSING_IMAGES, weights, activations, TECHNIQUES[name])))
        results = [runs.run("vit", "t10k", TEST_IMAGES, weights, activations, TECHNIQUES[name])
                   for name in ("nearest", chosen)]
        rows.append([f"{weights} x {activations}", f"{results[0]['quantized']['percent']:.2f}",
                     chosen, f"{results[1]['quantized']['percent']:.2f}"])
    return table(("weights x activations", "nearest", "best technique on training images",
                  "with it"), rows)


def accumulators(runs, ways):
    """Percent right with all operands in one format, by what sums are collected in."""
    rows = []
    for network in NETWORKS:
        for name in ("int8", "e4m3f"):
            results = [runs.run(network, "t10k", ACCUMULATOR_IMAGES, name, name, options)
                       for options in ways.values()]
            rows.append([f"`{network}`", name]
                        + [f"{result['quantized']['percent']:.1f}" for result in results])
    return table(("network", "operands") + tuple(ways), rows)


def widths(runs):
    """Accumulators narrower than the weights of each layer need."""
    ways = {"exact": ()}
    for overflow in ("wrap", "saturate"):
        for fewer in (2, 4, 6):
            ways[f"{overflow}, {fewer} fewer"] = ("--acc-width", f"exact-{fewer}", "--overflow", overflow)
    return accumulators(runs, ways)


def rounded(runs):
    """Accumulators that round at each step."""
    ways = {"binary16": ("--accumulator", "binary16")}
    for name in ("binary16", "bfloat16", "e5m10f", "e5m2f", "e4m3f"):
        ways[f"{name}, fit"] = ("--accumulator", name, "--accumulator-bias", "fit")
    return accumulators(runs, ways)


TABLES = {"eight": eight, "ranges": ranges, "four": four, "learned": learned,
          "widths": widths, "rounded": rounded}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fewbit")
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--tables", default=",".join(TABLES))
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name in arguments.tables.split(","):
        text = TABLES[name](Runs(arguments.fewbit, arguments.jobs))
        (arguments.output / f"{name}.md").write_text(text)
        print(text, flush=True)


if __name__ == "__main__":
    main()
