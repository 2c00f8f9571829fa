"""README.md: its links lead somewhere, its numbers are those of the pages it names, its request can be emitted.

    readme_test.py FEWBIT
"""
# SPDX-License-Identifier: Apache-2.0
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FEWBIT = ""


def table(page, mark, column=None):
    """Cells of the table behind `<!-- mark -->` of a page, line by line, the heading first."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8").split(f"<!-- {mark} -->")[1].split(f"<!-- {mark}-end -->")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    rows = [row for row in rows if not set("".join(row)) <= set("-: ")]
    return rows if column is None else [row[rows[0].index(column)] for row in rows[1:]]


class ReadmeTest(unittest.TestCase):
    def test_links_lead_somewhere(self):
        links = re.findall(r"\]\(([^)#]+)[^)]*\)", README)
        self.assertGreater(len(links), 15)
        for link in links:
            self.assertTrue((ROOT / link).exists(), link)
        for page in (ROOT / "docs").glob("*.md"):
            self.assertIn(f"docs/{page.name}", README, "a page that README.md does not name")

    def test_targets_of_make_are_there(self):
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        targets = re.findall(r"(?m)(?:`|^ {4})make ([a-z-]+)", README)
        self.assertGreater(len(targets), 5)
        for target in targets:
            self.assertTrue(re.search(rf"(?m)^{target}:", makefile), target)

    def test_ratios_of_structure(self):
        ratios = [float(cell) for cell in table("macs.md", "demo-table", "LUT ratio")]
        self.assertEqual(len(ratios), 20)
        self.assertIn(f"takes {min(ratios):.2f} to {max(ratios):.2f} of the LUTs", README)

    def test_minifloats_over_int8(self):
        eight = next(row for row in table("findings.md", "same-format") if row[0] == "8")  # iCE40 is first
        integer, e1, e2, e5 = (int(eight[i].split()[0]) for i in (1, 2, 3, 6))
        over = lambda luts: round(100 * (luts / integer - 1))
        self.assertIn(f"costs {over(e2)} % (e2m5f) to {over(e5)} % (e5m2f) more LUTs", README)
        self.assertRegex(README, rf"with one exponent bit it costs\s+{-over(e1)} % less")

    def test_three_bit_weights(self):
        accuracy = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
        lost = re.search(r"three-bit weights lose at most\s+([0-9.]+) points", accuracy).group(1)
        self.assertIn(f"**Three-bit weights lose at most {lost} points**", README)

    def test_its_requests_are_legal(self):
        lines = re.findall(r"\$ build/bin/fewbit (\w+) (mac .*?)(?:  +#|$)", README, re.M)
        self.assertEqual([command for command, _ in lines], ["emit", "verify", "cost", "prove"])
        for command, words in lines:
            with tempfile.TemporaryDirectory() as folder:
                request = re.sub(r" -o \S+", "", words).split()
                subprocess.run([FEWBIT, "emit", *request, "-o", folder], check=True, stdout=subprocess.DEVNULL)
                self.assertTrue(list(pathlib.Path(folder).glob("*.sv")), command)

    def test_a_screen_and_a_half(self):
        self.assertLessEqual(len(README.splitlines()), 75)


if __name__ == "__main__":
    FEWBIT = sys.argv.pop(1)
    unittest.main()
