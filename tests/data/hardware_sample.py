"""The sample of the hardware regression test from what `fewbit hardware --tables sample --json` says.

    hardware_sample.py < JSON > tests/data/hardware_sample.json
"""
# SPDX-License-Identifier: Apache-2.0
import json
import sys


def sample_of(document):
    return {f"{design['request']['command']}, {design['target']}": design["lut_equivalents"]
            for design in document["sample"]}


if __name__ == "__main__":
    print(json.dumps(sample_of(json.load(sys.stdin)), indent=1))
