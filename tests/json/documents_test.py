"""docs/json.md has every field of the documents of --json, and no document lacks one that it must have.

    documents_test.py FEWBIT
"""
# SPDX-License-Identifier: Apache-2.0
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
# Their keys are names of the user's, or of tools, cells and ports.
MAPS = {"tools", "cells by type", "targets", "beats_per_cycle"}


def section(command):
    """What the page says under the heading of a command."""
    (text,) = re.findall(rf"^### {command}\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return text


def rows_of(text):
    """The first cells of its tables."""
    return [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]


def fields(value, path=()):
    """All names in a document, but those of maps and of operands."""
    if isinstance(value, list):
        for one in value:
            yield from fields(one, path)
    elif isinstance(value, dict):
        if path and path[-1] in MAPS:
            return
        if path == ("cells",) and all(isinstance(count, int) for count in value.values()):
            return
        for name, one in value.items():
            yield name
            yield from fields(one, (*path, name))


class Documents(unittest.TestCase):

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def document(self, *words, code=0):
        done = subprocess.run([FEWBIT, *words, "--json"], cwd=self.folder, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=False)
        self.assertEqual(done.returncode, code, words)
        return json.loads(done.stdout)

    def check(self, command, *documents):
        """The fields of the documents against the section of the command."""
        text = section(command)
        found = set()
        for document in documents:
            self.assertEqual(list(document)[:2], ["fewbit", "schema"])
            self.assertEqual(document["schema"], 1)
            found |= set(fields({key: value for key, value in document.items() if key not in ("fewbit", "schema")}))
        for name in found:
            self.assertIn(f"`{name}`", text, command)
        for name, starred in re.findall(r"`(\w+)`(\*?)", " ".join(rows_of(text))):
            self.assertTrue(starred or name in found, f"{command} has no {name}")

    def test_emit(self):
        mac = ["mac", "--a", "e4m3fn", "--b", "int4", "--terms", "16", "--arch", "generic", "-o", "rtl"]
        (self.folder / "list.yaml").write_text("operators: dot\na: int4\nb: int4\nlanes: 2\nresult: int8\n")
        self.check("emit", self.document("emit", *mac, "--model", "c", "--testbench", "sv"),
                   self.document("emit", *mac, "--no-cells"), self.document("emit", "--list", "list.yaml", "-o", "rtl"))

    def test_formats(self):
        self.check("explain", self.document("explain", "e4m3fn", "--table"), self.document("explain", "int4"))
        formats = self.document("formats")
        self.assertEqual(list(formats)[2:], ["formats", "grammar"])
        self.assertEqual(list(formats["formats"][0]), ["name", "aliases", "source", "format"])

    def test_verify_and_cost(self):
        mul = ["mul", "--a", "int2", "--b", "int2"]
        self.check("verify", self.document("verify", *mul), self.document("verify", "skid", "--data-bits", "2"))
        self.check("cost", self.document("cost", *mul, "--target", "xilinx-usp"))

    def test_what_is_no_result(self):
        error = self.document("emit", "div", code=2)
        self.assertEqual(list(error["error"]), ["field", "value", "legal", "detail", "message"])
        self.assertEqual(list(self.document("--version")), ["fewbit", "schema", "text"])
        self.assertEqual(list(self.document("completion", "bash")), ["fewbit", "schema", "kind", "text"])

    def test_the_page_has_every_command(self):
        commands = self.document("--help")["text"]
        names = re.findall(r"^  ([a-z]+)  +\S", commands.split("Subcommands:")[1].split("\n\n")[0], re.MULTILINE)
        self.assertGreater(len(names), 12)
        for name in names:
            self.assertTrue(name == "help" or re.search(rf"`{name}[` ]|^### {name}$", PAGE, re.MULTILINE), name)

    def test_the_version_is_that_of_git(self):
        release = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
        version = self.document("--version")["fewbit"]
        self.assertEqual(self.document("--version")["text"], f"fewbit {version}\n")
        self.assertTrue(version == release or version.startswith(release + "-"), version)
        if not (ROOT / ".git").exists():
            self.assertEqual(version, release)
            return
        commit = re.search(r"-g([0-9a-f]+)", version)
        if commit is not None:  # at a tag there is none
            subprocess.run(["git", "-C", ROOT, "cat-file", "-e", commit[1] + "^{commit}"], check=True)

    def test_the_release_is_in_one_place(self):
        release = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
        self.assertRegex(release, r"^\d+\.\d+\.\d+$")
        self.assertRegex((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), rf"(?m)^## {re.escape(release)}\b")
        self.assertRegex((ROOT / "CITATION.cff").read_text(encoding="utf-8"), rf"(?m)^version: {re.escape(release)}$")
        signature = self.document("emit", "mul", "--a", "int2", "--b", "int2", "-o", "rtl")["signature"]
        self.assertEqual(signature["release"], release)
        text = (self.folder / "rtl" / (signature["module"] + ".sv")).read_text(encoding="utf-8")
        self.assertIn(f"\n// Generator  fewbit {release}\n", text)


if __name__ == "__main__":
    FEWBIT = sys.argv.pop(1)
    unittest.main()
