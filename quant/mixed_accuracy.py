#!/usr/bin/env python3
# Table of docs/accuracy.md about a format for each layer, by `fewbit quant search` on Fashion-MNIST.
# SPDX-License-Identifier: Apache-2.0
"""mixed_accuracy.py FEWBIT COSTS: prints the table. COSTS is a database of flows/sweeps/paper.yaml, which is only read."""

import argparse
import json
import pathlib
import shutil
import subprocess
import tempfile

from accuracy import DATA, NETWORKS, table

# LUTs of a MAC on iCE40. Attention multiplies activations by activations, so `vit` needs more.
BUDGETS = {"resnet": (30, 34), "mobilenet": (30, 34, 38), "vit": (34, 38)}
WEIGHTS = "int3,e2m0f,e1m2f,e2m1"
ACTIVATIONS = "int4,e1m2f,e2m1,e1m3f,int5,e1m4f"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fewbit")
    parser.add_argument("costs", type=pathlib.Path)
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        costs = pathlib.Path(folder) / "costs.sqlite"
        shutil.copy(arguments.costs, costs)
        for network in NETWORKS:
            for budget in BUDGETS[network]:
                words = [arguments.fewbit, "quant", "search", "--json",
                         "--network", str(pathlib.Path(__file__).parent / "networks" / f"{network}.onnx"),
                         "--images", str(DATA / "t10k-images-idx3-ubyte.gz"),
                         "--labels", str(DATA / "t10k-labels-idx1-ubyte.gz"),
                         "--calibration-images", str(DATA / "train-images-idx3-ubyte.gz"),
                         "--weights", WEIGHTS, "--activations", ACTIVATIONS, "--unsigned", "off", "--gptq", "on",
                         "--bias-correction", "on",
                         "--budget-luts", str(budget), "--target", "ice40-hx8k", "--db", str(costs)]
                found = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)

                def percent(part, found=found):
                    return f"{100 * found[part]['right'] / found['images']:.2f}"
                uniform, mixed = found["uniform"], found["mixed"]
                rows.append([f"`{network}`", str(budget), percent("float"), uniform["formats"].replace("/", " x "),
                             f"{uniform['cost']:.1f}", percent("uniform"), f"{mixed['cost']:.1f}", percent("mixed")])
    print(table(["network", "budget", "float", "best pair for all layers", "its LUTs", "percent right",
                 "by layer, LUTs", "percent right"], rows), end="")


if __name__ == "__main__":
    main()
