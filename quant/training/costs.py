# What a format costs a network, layer by layer: the tables of a search's cost models.
# SPDX-License-Identifier: Apache-2.0
"""A cost model gives a number for every layer and format; the cost of a network is their sum.

    bits         bits of all weights, a mean per weight
    operations   ((bits of a weight + bits of an activation) / 2)^2 per product, a mean (FLIQS: compute)
    luts         LUTs of the cheapest verified `mac` of both formats in a results database, a mean per product
    accelerator  LUTs of the layer's engine in `fewbit plan`, at one rate of images, the sum of all engines

Edge layers, whose formats are fixed, count for nothing in the first three and as they are in the last. The
first three are those of `fewbit quant search`."""

import dataclasses
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
from typing import Any, Callable, NoReturn, Sequence

import fewbit


@dataclasses.dataclass
class Setting:
    """What cost models read beside layers and formats."""
    database: str = ""
    target: str = "ice40-hx8k"
    network: str = ""  # ONNX file, for `fewbit plan`
    device: str = "ecp5-25f"
    images_per_second: int = 2000


def refuse(message: str) -> NoReturn:
    """Ends the script as a bad request."""
    print(message, file=sys.stderr)
    raise SystemExit(2)


def weights_of(layer: Any) -> int:
    return layer.weight.numel() if layer.has_weights else 0


def bits(layer: Any, name: str, _: Setting) -> float:
    return fewbit.Format(name).bits * weights_of(layer)


def operations(layer: Any, name: str, _: Setting) -> float:
    return fewbit.Format(name).bits ** 2 * layer.products


def luts(layer: Any, name: str, setting: Setting) -> float:
    query = ("SELECT MIN(luts) FROM results WHERE operator='mac' AND arch='optimized' AND status='ok' "
             "AND target=? AND a=? AND b=?")
    with sqlite3.connect(f"file:{setting.database}?mode=ro", uri=True) as database:
        found = database.execute(query, (setting.target, name, name)).fetchone()[0]
    if found is None:
        refuse(f"{setting.database}: no mac of {name} and {name} on {setting.target}")
    return found * layer.products


@dataclasses.dataclass(frozen=True)
class Model:
    of: Callable[[Any, str, Setting], float]
    per: Callable[[Any], float]  # the sum is divided by that of this
    meaning: str


MODELS = {
    "bits": Model(bits, weights_of, "bits of a weight"),
    "operations": Model(operations, lambda layer: layer.products, "bit operations of a product"),
    "luts": Model(luts, lambda layer: layer.products, "LUTs of a mac"),
}


def planned(setting: Setting, name: str) -> list:
    """LUTs of each layer's engine where all layers but the edges have one format."""
    command = [os.environ.get("FEWBIT", "fewbit"), "plan", setting.network, "--target", setting.device,
               "--weights", name, "--activations", name, "--images-per-second",
               str(setting.images_per_second), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        refuse(done.stderr)
    return [engine["luts_dots"] + engine["luts_requantizers"] + engine["luts_counted"]
            for engine in json.loads(done.stdout)["layers"]]


def table(model: str, layers: Sequence, edges: Sequence, options: Sequence, setting: Setting) -> list:
    """[layer][option]: what each adds to the cost of the network."""
    if model == "accelerator":
        by_option = [planned(setting, option) for option in options]
        if any(len(row) != len(layers) for row in by_option):
            refuse(f"{setting.network}: {len(by_option[0])} engines for {len(layers)} layers")
        return [list(row) for row in zip(*by_option)]
    own = MODELS[model]
    whole = sum(own.per(layer) for layer, edge in zip(layers, edges) if not edge)
    return [[0.0 if edge else own.of(layer, option, setting) / whole for option in options]
            for layer, edge in zip(layers, edges)]


def published_database(folder: pathlib.Path) -> str:
    """docs/data/paper.sqlite.xz, unpacked into a folder once."""
    import lzma  # pylint: disable=import-outside-toplevel
    packed = pathlib.Path(__file__).resolve().parents[2] / "docs/data/paper.sqlite.xz"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "paper.sqlite"
    if not file.exists() or file.stat().st_mtime < packed.stat().st_mtime:
        part = folder / f"paper.sqlite.{os.getpid()}"
        part.write_bytes(lzma.decompress(packed.read_bytes()))
        part.replace(file)
    return str(file)
