"""The published sweep is what this fewbit measures, and docs/findings.md says what is in it.

published_test.py FEWBIT SOURCE: measures every 299th job of flows/sweeps/paper.yaml anew.
SPDX-License-Identifier: Apache-2.0
"""
import json
import lzma
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import databases

JOBS = 3600
STEP = 299  # prime: all formats, architectures and targets take part


def packed_rows(source, folder):
    """Command -> row of the published database, the volatile columns left out."""
    path = os.path.join(folder, "published.sqlite")
    pathlib.Path(path).write_bytes(lzma.decompress((source / "docs/data/paper.sqlite.xz").read_bytes()))
    rows = databases.rows_of(path)
    assert len(rows) == JOBS, f"{len(rows)} rows are published, not {JOBS}"
    return {row["command"]: row for row in rows.values()}


def figures(row):
    """The row without its hashes, which in the published database are of emitted text (its results are of
    version 1), without the release that measured it, without what standard cells alone have, and without what
    follows the names of nets: the wide multiplexers that mapping finds beside LUTs, and what place and route makes
    of it."""
    assert row.get("area") is None and row.get("gates") is None and row.get("path_ns") is None, row
    apart = ("key", "inputs_hash", "fewbit_version", "area", "gates", "path_ns", "muxes", "fmax_median_mhz",
             "fmax_min_mhz", "fmax_max_mhz")
    return {column: value for column, value in row.items() if column not in apart}


def same_speed(row, there):
    """Within what other seeds would do: the median 10 %."""
    if row["fmax_median_mhz"] is None or there["fmax_median_mhz"] is None:
        return row["fmax_median_mhz"] == there["fmax_median_mhz"]
    return abs(row["fmax_median_mhz"] - there["fmax_median_mhz"]) <= 0.1 * there["fmax_median_mhz"]


def main():
    fewbit, source = sys.argv[1], pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        published = packed_rows(source, folder)

        document = os.path.join(folder, "findings.md")
        shutil.copy(source / "docs/findings.md", document)
        subprocess.run([sys.executable, source / "flows/sweeps/findings.py", fewbit,
                        str(source / "docs/data/paper.sqlite.xz"), "--into", document], check=True)
        assert pathlib.Path(document).read_text() == (source / "docs/findings.md").read_text(), \
            "docs/findings.md is not what its tables' command prints: make findings"

        plan = subprocess.run([fewbit, "sweep", "plan", str(source / "flows/sweeps/paper.yaml")], check=True,
                              capture_output=True, text=True).stdout.splitlines()
        assert {json.loads(line)["command"] for line in plan} == published.keys()
        sample = os.path.join(folder, "sample.jsonl")
        pathlib.Path(sample).write_text("\n".join(plan[7::STEP]) + "\n")
        database = os.path.join(folder, "sample.sqlite")
        subprocess.run([fewbit, "sweep", "run", sample, "--db", database, "--jobs", str(os.cpu_count())], check=True)
        measured = databases.rows_of(database)
        assert len(measured) == len(plan[7::STEP])
        for row in measured.values():
            there = published[row["command"]]
            if row["arch"] == "generic":  # its templates are newer than the sweep, see findings.md
                assert row["vectors"] == there["vectors"] and row["status"] == there["status"]
                assert abs(row["luts"] - there["luts"]) <= 0.05 * there["luts"], f"{row}\n{there}"
                continue
            assert figures(row) == figures(there) and same_speed(row, there), f"measured {row}\npublished {there}"
    print(f"{len(measured)} of {JOBS} rows measured again: the same")


if __name__ == "__main__":
    main()
