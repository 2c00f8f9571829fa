#!/usr/bin/env python3
# Table of docs/diffusion.md, by `fewbit quant sample`.
# SPDX-License-Identifier: Apache-2.0
"""    sampling.py FEWBIT --output FOLDER [--samples N] [--steps N] [--jobs N]

writes diffusion.md. Documents of `fewbit quant sample` are kept in FOLDER, each by its options: what is there is not
done again."""

import argparse
import hashlib
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "flows/sweeps"))
sys.dont_write_bytecode = True
from documents import table  # noqa: E402

IMAGES = "/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz"
TECHNIQUE = ("--gptq", "on", "--bias-correction", "on")
PAIRS = (("W8A8", "int8", "int8"), ("W8A8", "e4m3fn", "e4m3fn"), ("W8A8", "e3m4f", "e3m4f"), ("W4A8", "int4", "int8"),
         ("W4A8", "e2m1", "e4m3fn"), ("W4A8", "e2m1", "e3m4f"), ("W4A4", "int4", "int4"), ("W4A4", "e2m1", "e2m1"),
         ("W4A4", "nvfp4", "nvfp4"))


def document(arguments, options):
    networks = [ROOT / "quant/networks" / f"{name}.onnx" for name in ("denoiser", "resnet")]
    words = ["--samples", str(arguments.samples), "--steps", str(arguments.steps), *options]
    hashes = [hashlib.sha256(network.read_bytes()).hexdigest() for network in networks]
    kept = arguments.output / f"{hashlib.sha256(' '.join(words + hashes).encode()).hexdigest()[:16]}.json"
    if not kept.exists():
        run = subprocess.run([arguments.fewbit, "quant", "sample", "--json", "--network", str(networks[0]), "--classifier",
                              str(networks[1]), "--images", IMAGES, *words,
                              *(["--jobs", str(arguments.jobs)] if arguments.jobs else [])],
                             check=True, capture_output=True, text=True)
        kept.write_text(run.stdout)
    return json.loads(kept.read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fewbit")
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--jobs", type=int)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    rows = []
    for bits, weights, activations in PAIRS:
        found = document(arguments, ("--format-weights", weights, "--format-activations", activations, *TECHNIQUE))
        if not rows:
            rows.append(["", "float", f"{found['float']['to_images']:.3f}", "0"])
        rows.append([bits, f"{weights} x {activations}", f"{found['quantized']['to_images']:.3f}",
                     f"{found['quantized']['to_float']:.4f}"])
    head = ("", "weights x activations", "distance to test images", "to the float network's pictures")
    (arguments.output / "diffusion.md").write_text(table(head, rows))


if __name__ == "__main__":
    main()
