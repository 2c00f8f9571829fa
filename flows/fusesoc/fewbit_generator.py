"""Generator of FuseSoC (gapi 1.0): emits the designs that a core asks for, and a core that has them.

    fewbit_generator.py INPUT.yml

INPUT.yml is what FuseSoC writes: `vlnv`, the name that the core is to have, and `parameters`, which
fewbit_generator.core explains. Files and core are written into the folder it runs in. Exit code 2 where
the parameters are wrong or fewbit refuses them.
"""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import pathlib
import subprocess
import sys

import yaml


def fail(text):
    print(f"fewbit_generator: {text}", file=sys.stderr)
    sys.exit(2)


def main():
    request = yaml.safe_load(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    parameters = request.get("parameters") or {}
    unknown = sorted(set(parameters) - {"designs", "prefix"})
    if unknown:
        fail(f"parameter {unknown[0]!r}; legal: designs, prefix")
    if not parameters.get("designs"):
        fail("no parameter `designs`; legal: a block of `fewbit emit --list`, or a list of them")
    vendor, library, name, version = (str(request["vlnv"]).split(":") + [""] * 4)[:4]
    pathlib.Path("designs.json").write_text(json.dumps(parameters["designs"]), encoding="utf-8")
    command = [os.environ.get("FEWBIT", "fewbit"), "emit", "--list", "designs.json", "-o", ".", "--force"]
    if parameters.get("prefix"):
        command += ["--prefix", str(parameters["prefix"])]
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    except OSError as error:
        fail(f"{command[0]}: {error.strerror}; legal: fewbit in the path, or the variable FEWBIT")
    if done.returncode != 0:
        sys.exit(done.returncode)
    files = pathlib.Path(str(parameters.get("prefix") or "") + "fewbit_designs.f").read_text(encoding="utf-8").split()
    core = {
        "name": ":".join([vendor, library, name] + ([version] if version else [])),
        "filesets": {"rtl": {"files": files, "file_type": "systemVerilogSource"}},
        "targets": {"default": {"filesets": ["rtl"]}},
    }
    pathlib.Path(f"{name}.core").write_text("CAPI=2:\n" + yaml.safe_dump(core, sort_keys=False), encoding="utf-8")


if __name__ == "__main__":
    main()
