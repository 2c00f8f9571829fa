"""rtl_templates/parts.py: the templates have their common parts from it, and a difference is found and repaired."""
# SPDX-License-Identifier: Apache-2.0
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

FOLDER = pathlib.Path(__file__).parents[1] / "rtl_templates"


def parts(*arguments):
    return subprocess.run([sys.executable, FOLDER / "parts.py", *arguments], capture_output=True, text=True)


class Parts(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        for path in FOLDER.glob("*.sv"):
            shutil.copy(path, self.folder)

    def change(self, name, old, new):
        path = self.folder / name
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new, 1))
        return text

    def test_the_templates_are_as_written(self):
        run = parts()
        self.assertEqual((run.returncode, run.stdout), (0, ""), run.stderr)

    def test_a_difference_is_named_and_repaired(self):
        before = self.change("fewbit_fma_generic.sv", "parameter bit          CHasInfinity  = 1'b0",
                             "parameter bit          CHasInfinity  = 1'b1")
        run = parts("--folder", self.folder)
        self.assertEqual(run.returncode, 1)
        self.assertIn("fewbit_fma_generic.sv", run.stdout)
        self.assertNotIn("fewbit_mul_generic.sv", run.stdout)
        self.assertEqual(parts("--folder", self.folder, "--write").returncode, 0)
        self.assertEqual((self.folder / "fewbit_fma_generic.sv").read_text(), before)

    def test_a_missing_part_is_an_error(self):
        for name, line in (("fewbit_dot_generic.sv", "    // Top bit of b is a sign"),
                           ("fewbit_mul_generic.sv", "        .RWidth(RWidth),"),
                           ("fewbit_round.sv", "`ifdef __ICARUS__")):
            before = self.change(name, line, "    // gone")
            run = parts("--folder", self.folder)
            self.assertNotEqual(run.returncode, 0)
            self.assertIn(name, run.stderr + run.stdout)
            (self.folder / name).write_text(before)


if __name__ == "__main__":
    unittest.main()
