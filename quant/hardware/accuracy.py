# What hardware numerics lose on whole test sets: the table of docs/numerics.md.
# SPDX-License-Identifier: Apache-2.0
"""accuracy.py FEWBIT: prints the table. `make accuracy-hardware`."""

import json
import subprocess
import sys

DATA = "/usr/share/datasets/fashion-mnist"
NETWORKS = ("resnet", "mobilenet")
PAIRS = (("int8", "int8"), ("int4", "int4"), ("e2m1", "e2m1"), ("e2m0f", "e1m2f"))


def run(fewbit, network, weights, activations):
    words = [fewbit, "quant", "run", "--json", "--network", f"quant/networks/{network}.onnx", "--images",
             f"{DATA}/t10k-images-idx3-ubyte.gz", "--labels", f"{DATA}/t10k-labels-idx1-ubyte.gz",
             "--calibration-images", f"{DATA}/train-images-idx3-ubyte.gz", "--format-weights", weights,
             "--format-activations", activations, "--gptq", "on", "--bias-correction", "on", "--numerics", "hardware"]
    return json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout)


def main(fewbit):
    print("| network | weights x activations | float between layers | hardware numerics | lost | saturated | time, ratio |")
    print("|---|---|---|---|---|---|---|")
    for network in NETWORKS:
        for weights, activations in PAIRS:
            result = run(fewbit, network, weights, activations)
            exact, hardware = result["quantized"], result["hardware"]
            print(f"| `{network}` | {weights} x {activations} | {exact['percent']:.2f} | {hardware['percent']:.2f} "
                  f"| {hardware['lost_points']:.2f} | {hardware['saturated']} "
                  f"| {hardware['seconds'] / exact['seconds']:.1f} |")


main(*sys.argv[1:])
