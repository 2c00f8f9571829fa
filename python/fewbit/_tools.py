"""The commands of fewbit: emit, verify and cost, by the program `fewbit`."""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import pathlib
import shutil
import subprocess

import numpy as np

from ._fewbit import Format
from ._formats import invalid


def program():
    """The program: that of the variable FEWBIT, that beside this module, or the one of the path."""
    if os.environ.get("FEWBIT"):
        return os.environ["FEWBIT"]
    beside = pathlib.Path(__file__).parent / "bin" / "fewbit"
    found = str(beside) if beside.exists() else shutil.which("fewbit")
    if found is None:
        raise FileNotFoundError("no program `fewbit`: neither in $FEWBIT, nor beside this module, nor in $PATH")
    return found


def _word(value):
    return value.name if isinstance(value, Format) else str(value)


def command(*words, **options):
    """`fewbit WORDS --OPTION VALUE ... --json`: what it says, as a dictionary.

    options: with _ for -; True is an option without a value, None one that is not given. The dictionary of
    a run that found a mismatch has "exit_code" 1. Raises RequestError where the request is not legal,
    RuntimeError where a tool or the machine failed. Ctrl-C ends the program and its tools.
    """
    line = [program(), *map(_word, words), "--json"]
    for name, value in options.items():
        if value is None or value is False:
            continue
        line.append("--" + name.replace("_", "-"))
        if value is not True:
            line.append(_word(value))
    done = subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    try:
        document = json.loads(done.stdout)
    except ValueError:
        document = {}
    if done.returncode == 2 and "error" in document:
        error = document["error"]
        raise invalid(error.get("field", ""), error.get("value", ""), error.get("legal", ""),
                      error.get("detail", ""))
    if done.returncode not in (0, 1) or not document:
        raise RuntimeError(f"{' '.join(line)}: exit code {done.returncode}\n{done.stderr.strip()}")
    if isinstance(document, dict):
        document.setdefault("exit_code", done.returncode)
    return document


def emit(op, folder, **options):
    """Writes the SystemVerilog of an operator into a folder; its signature."""
    return command("emit", op, output=folder, **options)


def verify(op, **options):
    """Simulates the emitted SystemVerilog by Verilator against the model."""
    return command("verify", op, **options)


def cost(op, **options):
    """LUTs and MHz of an operator on a target, by Yosys and nextpnr, of a netlist that was verified."""
    return command("cost", op, **options)


def results(database, table="results"):
    """A table of a results database (`fewbit sweep run`, `fewbit quant grid`): column -> array of its rows.

    pandas.DataFrame(results(...)) is a data frame of it. table: results or accuracy.
    """
    rows = command("sweep", "export", "json", db=database, table=table)
    names = list(rows[0]) if rows else []
    return {name: np.array([row[name] for row in rows]) for name in names}
