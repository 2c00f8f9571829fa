"""What `fewbit emit --with` writes, read by a YAML parser and by Tcl, and the generator of FuseSoC by its contract.

    packages_test.py FEWBIT
"""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
RELEASE = (ROOT / "VERSION").read_text().strip()
GENERATOR = ROOT / "flows" / "fusesoc" / "fewbit_generator.py"
MAC = ["mac", "--a", "e4m3fn", "--b", "int4", "--terms", "16", "--arch", "generic"]
MUL = ["mul", "--a", "e2m1", "--b", "e2m1", "--result", "e2m1"]


class Packages(unittest.TestCase):

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.rtl = self.folder / "rtl"

    def emit(self, *words):
        done = subprocess.run([FEWBIT, "emit", *words, "--json", "-o", self.rtl], stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout)

    def loaded(self, name):
        return yaml.safe_load((self.rtl / name).read_text())

    def core(self, name):
        text = (self.rtl / name).read_text()
        self.assertTrue(text.startswith("CAPI=2:\n"))
        return yaml.safe_load(text)

    def sources(self, signature):
        return [file["name"] for file in signature["files"]]

    def test_core_is_the_signature(self):
        signature = self.emit(*MAC, "--with", "core", "--testbench", "sv")["signature"]
        name = signature["module"]
        core = self.core(name + ".core")
        self.assertEqual(core["name"], f"fewbit:emitted:{name}:{RELEASE}")
        self.assertEqual(core["filesets"]["rtl"]["files"], self.sources(signature))
        self.assertEqual(core["filesets"]["rtl"]["file_type"], "systemVerilogSource")
        bench = core["filesets"]["tb"]["files"]
        self.assertEqual(bench[0], name + "_tb.sv")
        vectors = [name + "_tb_operands.hex", name + "_tb_results.hex"]
        self.assertEqual(bench[1:], [{vector: {"file_type": "user", "copyto": vector}} for vector in vectors])
        for file in [*self.sources(signature), bench[0], *vectors]:
            self.assertTrue((self.rtl / file).is_file(), file)
        self.assertEqual(core["targets"]["default"]["toplevel"], name)
        self.assertEqual(core["targets"]["sim"]["toplevel"], name + "_tb")
        self.assertEqual(core["targets"]["sim"]["filesets"], ["rtl", "tb"])
        (width,) = signature["parameters"]
        self.assertEqual(
            core["parameters"],
            {width["name"]: {"datatype": "int", "default": width["value"], "description": width["meaning"],
                             "paramtype": "vlogparam"}})
        self.assertEqual(core["targets"]["default"]["parameters"], [width["name"]])

    def test_without_a_bench_there_is_no_simulation(self):
        signature = self.emit(*MUL, "--with", "core")["signature"]
        core = self.core(signature["module"] + ".core")
        self.assertEqual(list(core["filesets"]), ["rtl"])
        self.assertEqual(list(core["targets"]), ["default", "lint"])
        self.assertNotIn("parameters", core)

    def test_edam_is_the_signature(self):
        signature = self.emit(*MAC, "--with", "edam", "--prefix", "npu_")["signature"]
        edam = self.loaded(signature["module"] + ".eda.yml")
        self.assertEqual(edam["toplevel"], signature["module"])
        self.assertEqual(edam["name"], signature["module"])
        self.assertEqual(edam["files"], [{"name": name, "file_type": "systemVerilogSource"}
                                         for name in self.sources(signature)])
        self.assertEqual(edam["parameters"]["AccWidth"]["default"], signature["parameters"][0]["value"])

    def tcl(self, script, stubs):
        """What the tool's commands are called with, when the script is sourced from another folder."""
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir(exist_ok=True)
        driver = elsewhere / "driver.tcl"
        driver.write_text("".join(f"proc {stub} args {{puts [join $args |]}}\n" for stub in stubs) +
                          f"source {os.path.relpath(self.rtl / script, elsewhere)}\n")
        done = subprocess.run(["tclsh", driver], cwd=elsewhere, stdout=subprocess.PIPE, text=True, check=True)
        return [line.split("|") for line in done.stdout.splitlines()]

    def test_tcl_adds_the_files_from_any_folder(self):
        signature = self.emit(*MAC, "--with", "tcl")["signature"]
        paths = [str(self.rtl / name) for name in self.sources(signature)]
        self.assertEqual(self.tcl(signature["module"] + "_vivado.tcl", ["read_verilog"]),
                         [["-sv", path] for path in paths])
        self.assertEqual(self.tcl(signature["module"] + "_quartus.tcl", ["set_global_assignment"]),
                         [["-name", "SYSTEMVERILOG_FILE", path] for path in paths])

    def test_a_list_has_a_joint_package(self):
        (self.folder / "designs.yaml").write_text("operators: [mul, add]\na: e4m3fn\nb: e4m3fn\narch: generic\n")
        self.emit("--list", self.folder / "designs.yaml", "--name", "parts", "--with", "core,tcl,edam")
        names = (self.rtl / "parts.f").read_text().split()
        self.assertEqual(len(names), len(set(names)))
        core = self.core("parts.core")
        self.assertEqual(core["filesets"]["rtl"]["files"], names)
        self.assertNotIn("toplevel", core["targets"]["default"])
        self.assertEqual([path for _, path in self.tcl("parts_vivado.tcl", ["read_verilog"])],
                         [str(self.rtl / name) for name in names])
        self.assertFalse((self.rtl / "parts.eda.yml").exists())
        self.assertEqual(len(list(self.rtl.glob("*.eda.yml"))), 2)

    def generate(self, parameters, program=None):
        request = self.folder / "input.yml"
        request.write_text(yaml.safe_dump({"gapi": "1.0", "files_root": str(self.folder), "parameters": parameters,
                                           "vlnv": "me:chip:chip-parts:1.2"}))
        self.rtl.mkdir(exist_ok=True)
        return subprocess.run([sys.executable, GENERATOR, request], cwd=self.rtl, stderr=subprocess.PIPE, text=True,
                              env={**os.environ, "FEWBIT": program or FEWBIT}, check=False)

    def test_the_generator_writes_a_core(self):
        block = {"operators": "mul", "a": ["int4", "e2m1"], "b": "int4", "arch": "generic"}
        done = self.generate({"designs": [block], "prefix": "npu_"})
        self.assertEqual(done.returncode, 0, done.stderr)
        core = self.core("chip-parts.core")
        self.assertEqual(core["name"], "me:chip:chip-parts:1.2")
        files = core["filesets"]["rtl"]["files"]
        self.assertIn("npu_fewbit_mul_int4_int4_generic.sv", files)
        self.assertIn("npu_fewbit_mul_e2m1_int4_generic.sv", files)
        for name in files:
            self.assertTrue((self.rtl / name).is_file(), name)

    def test_the_generator_says_what_is_wrong(self):
        for parameters, text in [({}, "`designs`"), ({"designs": {"operators": "div"}}, "'div'"),
                                 ({"designs": {"operators": "mul"}, "colour": 1}, "'colour'")]:
            done = self.generate(parameters)
            self.assertEqual(done.returncode, 2)
            self.assertIn(text, done.stderr)
            self.assertEqual(list(self.rtl.glob("*.core")), [])
        done = self.generate({"designs": {"operators": "mul"}}, program="/nonexistent/fewbit")
        self.assertEqual(done.returncode, 2)
        self.assertIn("FEWBIT", done.stderr)


if __name__ == "__main__":
    FEWBIT = sys.argv.pop(1)
    unittest.main()
