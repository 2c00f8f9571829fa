"""`fewbit verify --trace FILE` and `--keep DIR`: the VCD shows the mismatch that the report names, the folder runs again.

    verify_files_test.py FEWBIT
"""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

FEWBIT = ""
# A synthesis whose netlists are wrong where a is 3 and b is 2.
WRONG_YOSYS = """#!/bin/sh
PATH=${PATH#*:} yosys "$@" || exit $?
for netlist in netlist*.v; do
  [ -f "$netlist" ] && sed -i 's/assign result_o = \\(.*\\);/assign result_o = (a_i == 3 \\&\\& b_i == 2) ? 0 : \\1;/' "$netlist"
done
exit 0
"""


def run(*words, environment=None, **options):
    return subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, env={**os.environ, **(environment or {})}, **options)


def read_vcd(text):
    """Names of variables -> {time: value}; the first of equal names, which is the outermost."""
    names, changes, time = {}, {}, 0
    for line in text.splitlines():
        variable = re.match(r"\s*\$var\s+\S+\s+\d+\s+(\S+)\s+(\S+)", line)
        if variable:
            names.setdefault(variable.group(2), variable.group(1))
        elif line.startswith("#"):
            time = int(line[1:])
        elif re.match(r"b[01x]+ ", line):
            value, code = line[1:].split()
            changes.setdefault(code, {})[time] = int(value, 2)
        elif re.match(r"[01]\S", line):
            changes.setdefault(line[1:], {})[time] = int(line[0])
    return {name: changes.get(code, {}) for name, code in names.items()}, time


def value_at(changes, time):
    return changes[max(moment for moment in changes if moment <= time)]


class VerifyFilesTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.yosys = self.folder / "bin" / "yosys"
        self.yosys.parent.mkdir()
        self.yosys.write_text(WRONG_YOSYS, encoding="utf-8")
        self.yosys.chmod(0o755)
        self.wrong = {"PATH": f"{self.yosys.parent}:{os.environ['PATH']}"}

    def verify(self, *words, environment=None):
        done = run(FEWBIT, "verify", *words, "--json", environment=environment)
        return done.returncode, json.loads(done.stdout), done.stderr

    def test_trace_shows_the_first_mismatch(self):
        for words in (("mul", "--a", "uint4", "--b", "uint5"),
                      ("mul", "--a", "uint4", "--b", "uint5", "--handshake", "valid")):
            file = self.folder / "trace.vcd"
            code, report, errors = self.verify(*words, "--netlist", "ecp5", "--trace", file, environment=self.wrong)
            self.assertEqual(code, 1, errors)
            mismatch = next(one for one in report["reports"] if not one["passed"])["mismatches"][0]
            self.assertEqual(int(mismatch["expected"], 0), 6)
            signals, end = read_vcd(file.read_text(encoding="utf-8"))
            self.assertIn("first mismatch", errors)
            clocked = "--handshake" in words
            steps = 2 if clocked else 1
            # The file begins 250 cycles before the mismatch, or with the simulation.
            time = steps * min(mismatch["cycle"], 250)
            shown = [(value_at(signals["a_i0"], t), value_at(signals["b_i0"], t), value_at(signals["result0"], t))
                     for t in range(max(0, time - 2 * steps), min(end, time + 2 * steps) + 1)]
            self.assertTrue(any((a, b) == (3, 2) for a, b, _ in shown), shown)
            self.assertTrue(any(result == int(mismatch["got"], 0) for _, _, result in shown), shown)
            if not clocked:
                self.assertEqual(shown[time - max(0, time - 2)], (3, 2, 0))
            self.assertLessEqual(end, 3 * 260)
            self.assertGreater(len(signals), 10, "nets of the design are not in it")
            file.unlink()

    def test_no_mismatch_no_trace(self):
        file = self.folder / "trace.vcd"
        code, _, errors = self.verify("mul", "--a", "int2", "--b", "int3", "--trace", file)
        self.assertEqual(code, 0)
        self.assertFalse(file.exists())
        self.assertIn("no mismatch", errors)

    def test_kept_folder_runs_again_elsewhere(self):
        kept, moved = self.folder / "kept", self.folder / "moved"
        code, report, errors = self.verify("mac", "--a", "int2", "--b", "int3", "--terms", "5", "--keep", kept)
        self.assertEqual(code, 0, errors)
        kept.rename(moved)
        again = run("sh", moved / "again.sh", environment={"FEWBIT": FEWBIT}, cwd=self.folder)
        self.assertEqual(again.returncode, 0, again.stdout + again.stderr)
        self.assertRegex(again.stdout, r"(?m)^PASS fewbit_mac_int2_int3_t5: ")
        self.assertIn(f"PASS {report['reports'][0]['label']}", again.stdout)
        simulator = moved / "simulator"
        library = simulator / "model.so"
        library.unlink()
        built = run("sh", simulator / "build.sh", cwd=self.folder)
        self.assertEqual(built.returncode, 0, built.stdout + built.stderr)
        self.assertTrue(library.exists())
        # The kept test bench is one that can fail.
        design = moved / "fewbit_mac_int2_int3_t5.sv"
        design.write_text(design.read_text(encoding="utf-8").replace("assign acc_o = ", "assign acc_o = ~"), encoding="utf-8")
        self.assertNotEqual(run("sh", moved / "again.sh", environment={"FEWBIT": FEWBIT}).returncode, 0)

    def test_what_is_not_offered_is_refused(self):
        folder = self.folder / "none"
        for option in ("--trace", "--keep"):
            for words in (("--grid", "3"), ("mul", "--a", "int3", "--b", "int3", "--model", "c"),
                          ("mul", "--a", "int3", "--b", "int3", "--simulator", "icarus")):
                done = run(FEWBIT, "verify", *words, option, folder)
                self.assertEqual(done.returncode, 2, words)
                self.assertIn(option, done.stderr)
                self.assertFalse(folder.exists())
        blocked = self.folder / "file"
        blocked.write_text("", encoding="utf-8")
        done = run(FEWBIT, "verify", "mul", "--a", "int2", "--b", "int2", "--keep", blocked / "below")
        self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    FEWBIT = sys.argv.pop(1)
    unittest.main()
