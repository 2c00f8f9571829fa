"""The scripts that the Makefile calls: tables into documents, packed databases, proofs, fuzzing, the hardware sample.

    scripts_test.py SOURCE
"""
# SPDX-License-Identifier: Apache-2.0
import json
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(sys.argv.pop()).resolve()


def run(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **options)


class Scripts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def program(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/bash\n" + text, encoding="utf-8")
        path.chmod(0o755)
        return path

    def test_tables_go_between_their_markers(self):
        document, first = self.folder / "a.md", self.folder / "first.md"
        document.write_text("1\n<!-- first -->\nold\n<!-- first-end -->\n2\n<!-- other -->\n<!-- other-end -->\n3\n")
        first.write_text("| new |\n")
        (self.folder / "x").write_text("| x |\n")
        done = run(SOURCE / ".ci/put-tables", document, first, f"other={self.folder / 'x'}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(document.read_text(), "1\n<!-- first -->\n| new |\n<!-- first-end -->\n2\n"
                         "<!-- other -->\n| x |\n<!-- other-end -->\n3\n")
        before = document.read_text()
        self.assertNotEqual(run(SOURCE / ".ci/put-tables", document, f"none={first}").returncode, 0)
        self.assertEqual(document.read_text(), before)

    def test_every_table_of_the_makefile_has_its_markers(self):
        makefile = (SOURCE / "Makefile").read_text(encoding="utf-8")
        lists = dict(re.findall(r"^(\w+_TABLES) := ((?:.*\\\n)*.*)$", makefile, re.MULTILINE))
        seen = 0
        for document, files in re.findall(r"\.ci/put-tables (\S+) ([^\n;]*)", makefile):
            text = (SOURCE / document).read_text(encoding="utf-8")
            for word in files.split():
                of_list = re.match(r"\$\((\w+):", word)
                names = [pathlib.Path(word.partition("=")[0]).stem]
                if of_list:
                    names = lists[of_list[1]].replace("\\\n", " ").split()
                for name in names:
                    seen += 1
                    self.assertEqual(text.count(f"<!-- {name} -->\n"), 1, f"{document}: {name}")
                    self.assertEqual(text.count(f"<!-- {name}-end -->"), 1, f"{document}: {name}")
        self.assertGreater(seen, 20)

    def test_a_database_comes_back_from_its_package(self):
        database, packed, back = (self.folder / name for name in ("a.sqlite", "a.xz", "b.sqlite"))
        with sqlite3.connect(database) as connection:
            connection.execute("CREATE TABLE numbers (n)")
            connection.executemany("INSERT INTO numbers VALUES (?)", [(n,) for n in range(1000)])
            connection.execute("PRAGMA user_version = 7")
        connection.close()
        tool = [sys.executable, SOURCE / "flows/sweeps/database_file.py"]
        self.assertEqual(run(*tool, "pack", database, packed).returncode, 0)
        self.assertLess(packed.stat().st_size, database.stat().st_size)
        self.assertEqual(run(*tool, "unpack", packed, back).returncode, 0)
        connection = sqlite3.connect(back)
        self.assertEqual(connection.execute("SELECT count(*), sum(n) FROM numbers").fetchone(), (1000, 499500))
        self.assertEqual(connection.execute("PRAGMA user_version").fetchone(), (7,))
        connection.close()
        self.assertNotEqual(run(*tool, "wrap", database, packed).returncode, 0)

    def test_proofs_end_at_the_first_that_fails(self):
        log = self.folder / "log"
        done = run(SOURCE / ".ci/prove", self.program("fewbit", f'echo "$@" >> {log}; [ "$2" != "$BAD" ]\n'))
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = log.read_text().splitlines()
        self.assertEqual(len(lines), 22)
        self.assertEqual(lines[0], "prove mul --a int8 --b int8 --netlist ice40-hx8k --seconds 600")
        self.assertIn("dot", lines[13])
        log.unlink()
        self.assertNotEqual(run(SOURCE / ".ci/prove", self.folder / "fewbit", env={"BAD": "mac"}).returncode, 0)
        self.assertEqual(len(log.read_text().splitlines()), 7)

    def test_fuzzing_ends_at_the_first_find(self):
        script = self.folder / ".ci/fuzz"
        script.parent.mkdir()
        shutil.copy(SOURCE / ".ci/fuzz", script)
        self.program("build-fuzz/bin/fuzz_good", 'echo "Done 5 runs in 1 second(s)" >&2; echo "$@"\n')
        self.program("build-fuzz/bin/fuzz_bad", 'echo "a crash" >&2; exit 77\n')
        done = run(script, 1, "good", "good")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.count("good: 5 runs in 1 second(s)"), 2)
        self.assertIn("-max_total_time=1", done.stdout)
        done = run(script, 1, "bad", "good")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, "a crash\n")

    def test_the_hardware_sample_is_by_command_and_target(self):
        design = {"request": {"command": "fewbit emit mul"}, "target": "ecp5", "lut_equivalents": 7, "luts": 5}
        done = run(sys.executable, SOURCE / "tests/data/hardware_sample.py", input=json.dumps({"sample": [design]}))
        self.assertEqual(json.loads(done.stdout), {"fewbit emit mul, ecp5": 7})


if __name__ == "__main__":
    unittest.main()
