"""emit, verify and cost by the program; a Ctrl-C ends it and its tools. FEWBIT names the program."""
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import fewbit


class Tools(unittest.TestCase):
    def test_the_version_is_the_release(self):
        release = pathlib.Path(__file__).parents[2].joinpath("VERSION").read_text().strip()
        self.assertEqual(fewbit.__version__, release)

    def test_emit(self):
        with tempfile.TemporaryDirectory() as folder:
            document = fewbit.emit("mul", folder, a=fewbit.Format("e2m1"), b="e2m1", result="e4m3fn")
            names = {path.name for path in pathlib.Path(folder).iterdir()}
            self.assertEqual(document["exit_code"], 0)
            self.assertIn("fewbit_mul_e2m1_e2m1_to_e4m3fn.sv", names)

    def test_verify(self):
        document = fewbit.verify("mul", a="e2m1", b="e2m1", result="e4m3fn", arch="optimized")
        self.assertEqual(document["exit_code"], 0)
        self.assertTrue(document["passed"])
        self.assertEqual(document["reports"][0]["vectors"], 256)

    def test_cost(self):
        document = fewbit.cost("mul", a="int3", b="int3", target="ecp5")
        self.assertGreater(document["luts"], 0)
        self.assertTrue(document["verified"]["passed"])

    def test_results(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            (path / "sweep.yaml").write_text("operators: mul\na: [int3, e2m1]\nb: int3\ntargets: ecp5\n")
            fewbit.command("sweep", "run", path / "sweep.yaml", db=path / "db.sqlite")
            columns = fewbit.results(path / "db.sqlite")
        self.assertEqual(sorted(columns["a"]), ["e2m1", "int3"])
        self.assertTrue((columns["luts"] > 0).all())

    def test_wrong_requests(self):
        with self.assertRaises(fewbit.RequestError) as caught:
            fewbit.verify("mul", a="e2m1", b="e2")
        self.assertEqual(caught.exception.field, "--b")
        with self.assertRaises(fewbit.RequestError):
            fewbit.cost("mul", a="int3", b="int3", target="abacus")

    def test_other_failures_are_no_wrong_requests(self):
        before = os.environ["FEWBIT"]
        os.environ["FEWBIT"] = "/bin/false"
        try:
            with self.assertRaises(RuntimeError):
                fewbit.verify("mul", a="e2m1", b="e2m1")
        finally:
            os.environ["FEWBIT"] = before

    def test_interrupt(self):
        script = "import fewbit\nfewbit.verify('mac', a='e5m2', b='e5m2', terms=4096)\n"
        with tempfile.TemporaryDirectory() as folder:
            environment = dict(os.environ, TMPDIR=folder)
            process = subprocess.Popen([sys.executable, "-c", script], env=environment, start_new_session=True,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            while process.poll() is None and not any(name.startswith("fewbit-") for name in os.listdir(folder)):
                time.sleep(0.01)
            os.killpg(process.pid, signal.SIGINT)  # as a terminal does
            message = process.communicate(timeout=30)[1]
            self.assertIn("KeyboardInterrupt", message)
            deadline = time.monotonic() + 20
            while os.listdir(folder) and time.monotonic() < deadline:
                time.sleep(0.05)
            self.assertEqual(os.listdir(folder), [])

    def test_an_interrupt_ends_a_long_calculation(self):
        script = ("import numpy as np, fewbit\nx = np.ones(50_000_000)\nprint('ready', flush=True)\n"
                  "fewbit.encode(x, 'binary32')\nprint('done')\n")  # no table: the model, for a minute
        process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.assertEqual(process.stdout.readline(), "ready\n")
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        out, message = process.communicate(timeout=30)
        self.assertEqual(out, "")
        self.assertIn("KeyboardInterrupt", message)


if __name__ == "__main__":
    unittest.main()
