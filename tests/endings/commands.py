"""The commands that are ended by signals, and what must hold in their folders afterwards."""
# SPDX-License-Identifier: Apache-2.0
import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess

IMAGES = "/usr/share/datasets/fashion-mnist"
VOLATILE = ("seconds", "peak_memory_mib")
MUL = ["mul", "--a", "e4m3fn", "--b", "e4m3fn", "--result", "e4m3fn"]
SWEEP = "operators: mul\na: [int3, e2m1]\nb: int3\narch: [optimized, generic]\ntargets: ecp5\n"
LARGE_SWEEP = ("operators: mac\na: 3..8\nb: 3..8\nterms: [16, 1024, 4608]\n"
               "arch: [optimized, generic]\ntargets: [ice40-hx8k, xilinx-usp]\n")


def nothing():
    """Of a command that needs no preparation, or leaves nothing."""


class Command:
    """Words of a command line, what is done before and after, and what must hold then."""

    def __init__(self, name, words, longest=3600.0, environment=None, prepare=nothing,
                 check=nothing, release=nothing, endings=(0,)):
        self.name, self.words, self.longest = name, words, longest
        self.endings = set(endings)  # exit codes without a signal
        self.environment = environment or {}
        self.prepare, self.check, self.release = prepare, check, release


class Workplace:
    """Folders, inputs and databases of the commands."""

    def __init__(self, fewbit, sources, folder, environment, with_expected_rows):
        self.fewbit = os.path.abspath(fewbit)
        self.sources = pathlib.Path(sources).resolve()
        self.folder = pathlib.Path(folder)
        self.scratch = self.folder / "scratch"
        self.cache = self.folder / "cache"
        self.scratch.mkdir()
        self.environment = dict(os.environ, TMPDIR=str(self.scratch), **environment)
        (self.folder / "small.yaml").write_text(SWEEP, encoding="ascii")
        (self.folder / "large.yaml").write_text(LARGE_SWEEP, encoding="ascii")
        self.results = self.make_database("results.sqlite")
        self.merged = self.make_database("merged.sqlite")
        self.row_count = len(rows(self.merged, "results"))
        self.lock = None
        self.expected = {}
        if with_expected_rows:
            for table, words in (("results", self.sweep("expected.sqlite")),
                                 ("accuracy", self.grid("expected_grid.sqlite"))):
                self.run(*words)
                self.expected[table] = rows(self.folder / words[-1], table)

    def run(self, *words):
        subprocess.run([self.fewbit, *words], env=self.environment, cwd=self.folder, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def make_database(self, name):
        data = self.sources / "tests/data/report"
        with contextlib.closing(sqlite3.connect(self.folder / name)) as database:
            for part in ("results.sql", "accuracies.sql"):
                database.executescript((data / part).read_text(encoding="utf-8"))
            database.execute("PRAGMA user_version = 2")
        return self.folder / name

    @staticmethod
    def sweep(database):
        return ["sweep", "run", "small.yaml", "--jobs", "2", "--db", database]

    def quant(self, action):
        network = self.sources / "quant/networks/resnet.onnx"
        return ["quant", action, "--network", str(network),
                "--images", f"{IMAGES}/t10k-images-idx3-ubyte.gz",
                "--labels", f"{IMAGES}/t10k-labels-idx1-ubyte.gz",
                "--calibration-images", f"{IMAGES}/train-images-idx3-ubyte.gz", "--jobs", "2"]

    def grid(self, database):
        return [*self.quant("grid"), "--limit", "50", "--weights", "int4,e2m1", "--activations",
                "int8", "--db", database]

    def commands(self):
        """All kinds of commands: those that compute, run tools, write files, keep rows, wait."""
        new, old = self.folder / "new", self.folder / "old"
        pair = ["--a", "int4", "--b", "int4"]
        table = [
            Command("emit", ["emit", *MUL, "-o", "new"], 0.05,
                    prepare=lambda: shutil.rmtree(new, ignore_errors=True),
                    check=lambda: check_designs(new, 3, may_be_missing=True)),
            Command("emit a large design",
                    ["emit", "dot", "--a", "binary32", "--b", "binary32", "--lanes", "32",
                     "--latency", "64", "-o", "large"]),
            Command("verify", ["verify", "mac", "--a", "e4m3fn", "--b", "e4m3fn"]),
            Command("verify with an empty cache", ["verify", "mul", *pair],
                    environment={"FEWBIT_CACHE": str(self.cache)},
                    prepare=lambda: shutil.rmtree(self.cache, ignore_errors=True),
                    check=self.check_cache),
            Command("cost", ["cost", "mac", *pair, "--target", "ice40-hx8k", "--seeds", "2"]),
            Command("prove", ["prove", "mac", "--a", "int8", "--b", "int8"]),
            Command("mutate", ["mutate", "mul", *pair, "--limit", "20", "--jobs", "2"]),
            Command("tune", ["tune", "mul", *pair, "--jobs", "2"]),
            Command("demo", ["demo", "--pairs", "int4", "--seeds", "1", "-o", "demo"],
                    check=lambda: check_designs(self.folder / "demo", None)),
            Command("hardware", ["hardware", "--tables", "dot", "--jobs", "2", "-o", "hardware"]),
            Command("sweep run", self.sweep("sweep.sqlite"),
                    prepare=lambda: self.begin_again("sweep.sqlite", "results", 4),
                    check=lambda: self.check_rows("sweep.sqlite", "results")),
            Command("sweep plan", ["sweep", "plan", "large.yaml", "-o", "plan"]),
            Command("sweep merge, locked", ["sweep", "merge", "results.sqlite", "-o",
                                            "merged.sqlite"],
                    prepare=self.take_lock, release=self.give_lock, check=self.check_merged),
            Command("quant run", [*self.quant("run"), "--format-weights", "int8",
                                  "--format-activations", "int8"]),
            Command("quant grid", self.grid("grid.sqlite"),
                    prepare=lambda: self.begin_again("grid.sqlite", "accuracy", 2),
                    check=lambda: self.check_rows("grid.sqlite", "accuracy")),
            Command("quant search", [*self.quant("search"), "--weights", "int4,e2m1,int8",
                                     "--activations", "int8", "--budget-bits", "6", "--limit",
                                     "500"]),
            Command("formats", ["formats"], 0.05),
            Command("best", ["best", "--db", "results.sqlite"], 0.1),
            Command("report", ["report", "results.sqlite", "-o", "report"], 0.3,
                    endings=(0, 2)),  # 2: built without the chart library
        ]
        # Half of all, since here files of two generations could meet.
        rewrite = Command("emit over another", ["emit", *MUL, "--force", "-o", "old"], 0.05,
                          prepare=lambda: self.emit_older(old),
                          check=lambda: check_designs(old, 3))
        for command in (*table, rewrite):
            command.words = [self.fewbit, *command.words]
        return [each for command in table for each in (command, rewrite)]

    def check(self):
        """Holds after every command."""
        left = sorted(path.name for path in self.scratch.iterdir())
        assert not left, f"scratch is left: {left}"
        parts = [str(path) for path in self.folder.rglob("*")
                 if path.name == ".fewbit" or path.name.endswith(".part")]
        assert not parts, f"parts of files are left: {parts}"

    def check_cache(self):
        """There is no runtime, or all of one."""
        for path in self.cache.iterdir() if self.cache.exists() else ():
            assert re.fullmatch("verilator-[0-9a-f]{16}", path.name), f"in the cache is {path.name}"
            files = {file.name for file in path.iterdir() if file.stat().st_size > 0}
            whole = {"runtime.h", "runtime.h.gch", "verilated.o", "verilated_threads.o"}
            assert whole <= files, f"a part of a runtime is kept: {files}"

    def emit_older(self, folder):
        """Leaves the design as an older fewbit could have emitted it: other texts of the same names."""
        self.run("emit", *MUL, "--force", "-o", str(folder))
        path = next(folder.glob("*.json"))
        signature = json.loads(path.read_text(encoding="utf-8"))
        for file in signature["files"]:
            text = (folder / file["name"]).read_bytes() + b"// older\n"
            (folder / file["name"]).write_bytes(text)
            file["sha256"] = hashlib.sha256(text).hexdigest()
        path.write_text(json.dumps(signature), encoding="utf-8")

    def begin_again(self, name, table, most):
        """Removes a database that has all its rows."""
        if (self.folder / name).exists() and len(rows(self.folder / name, table)) >= most:
            for path in self.folder.glob(name + "*"):
                path.unlink()

    def check_rows(self, name, table):
        expected = self.expected.get(table)
        for key, row in rows(self.folder / name, table).items():
            assert row["status"] == "ok", f"a row of an accident: {row}"
            assert expected is None or row == expected.get(key), f"a wrong row: {row}"

    def take_lock(self):
        self.lock = sqlite3.connect(self.merged, isolation_level=None)
        self.lock.execute("BEGIN IMMEDIATE")

    def give_lock(self):
        self.lock.execute("ROLLBACK")
        self.lock.close()

    def check_merged(self):
        count = len(rows(self.merged, "results"))
        assert count == self.row_count, f"{count} rows, not {self.row_count}"


def check_designs(folder, files, may_be_missing=False):
    """Every design of a folder is whole: what its signature names has the text that it says."""
    if not folder.exists():
        return
    assert may_be_missing or files is None or any(folder.iterdir()), f"{folder} is empty"
    if files is not None:
        names = sorted(path.name for path in folder.iterdir())
        assert len(names) == files, f"{folder} has {names}"
    for path in folder.rglob("*.json"):
        for file in json.loads(path.read_text(encoding="utf-8"))["files"]:
            digest = hashlib.sha256((path.parent / file["name"]).read_bytes()).hexdigest()
            assert digest == file["sha256"], f"{path.name} is not of this {file['name']}"
    for path in folder.rglob("*.sv"):
        whole = path.stem.count("_") == 1 or path.with_suffix(".json").exists()
        assert whole or path.stem.endswith("_generic"), f"{path.name} has no signature"


def rows(path, table):
    """Key -> row of a database that may not be there yet, without what differs from run to run."""
    if not path.exists():
        return {}
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
        assert verdict == "ok", f"{path}: {verdict}"
        known = database.execute("SELECT count(*) FROM sqlite_master WHERE name = ?", (table,))
        if known.fetchone()[0] == 0:
            return {}
        found = [dict(row) for row in database.execute(f"SELECT * FROM {table}")]
    for row in found:
        for name in VOLATILE:
            row.pop(name, None)
    return {row["key"]: row for row in found}
