# Costs of what layers are made of, measured by `fewbit cost`, for the estimates of `fewbit plan`.
# SPDX-License-Identifier: Apache-2.0
"""measure_blocks.py FEWBIT ROWS.json: adds the rows that are missing. `make measure-blocks`."""

import json
import pathlib
import subprocess
import sys

# Weights, and the activations that their layers have, with a sign and without. Layers at the edges are int8.
PAIRS = [("int8", ("uint8",)), ("int4", ("uint4", "int4")), ("e2m0f", ("ue1m3f", "e1m2f")), ("e2m1", ("ue2m2f", "e2m1")),
         ("int8", ("int8",))]
LANES = (2, 8)
TERMS = 864
STREAM = "int16"


def requantizer(result):
    return ({"op": "requant", "weights": "", "result": result, "lanes": 1},
            ["requant", "--a", "int18", "--b", "uint16", "--shift-bits", "6", "--result", result, "--dsp", "one",
             "--target", "ecp5", "--flow", "dsp_abc9"])


def requests():
    yield requantizer(STREAM)
    for weights, activations in PAIRS:
        for result in activations:
            for lanes in LANES:
                yield ({"op": "dot", "weights": weights, "result": result, "lanes": lanes},
                       ["dot", "--a", weights, "--b", result, "--lanes", str(lanes), "--terms", str(TERMS),
                        "--target", "ecp5", "--flow", "abc9"])
            yield requantizer(result)
            yield ({"op": "convert", "weights": "", "result": result, "lanes": 1},
                   ["convert", "--a", STREAM, "--result", result, "--target", "ecp5", "--flow", "abc9"])


def main(fewbit, path):
    file = pathlib.Path(path)
    rows = json.loads(file.read_text()) if file.exists() else []
    known = {row["command"] for row in rows}
    for row, words in requests():
        command = " ".join(["fewbit", "cost", *words])
        if command in known:
            continue
        cost = json.loads(subprocess.run([fewbit, "cost", *words, "--json"], check=True, capture_output=True).stdout)
        assert cost["verified"]["passed"]
        rows.append({**row, "luts": cost["lut_equivalents"], "dsps": cost["dsps"], "command": command})
        lines = ",\n".join("  " + json.dumps(entry) for entry in rows)
        file.write_text(f"[\n{lines}\n]\n")


main(*sys.argv[1:])
