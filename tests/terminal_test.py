"""fewbit as it looks on a terminal of 80 columns: progress with time left, nothing wider than the terminal, --quiet.

    terminal_test.py FEWBIT
"""
# SPDX-License-Identifier: Apache-2.0
import fcntl
import os
import pathlib
import pty
import re
import select
import stat
import struct
import subprocess
import sys
import tempfile
import termios
import unittest

FEWBIT = ""
COLUMNS = 80
COMMANDS = ("formats", "explain", "emit", "verify", "cost", "prove", "mutate", "demo", "tune", "quant", "hardware",
            "sweep", "best", "report", "completion")


def run_in_terminal(*words, environment=None, columns=COLUMNS):
    """(exit code, all that a terminal gets of stdout and stderr)."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    child = subprocess.Popen([FEWBIT, *map(str, words)], stdin=subprocess.DEVNULL, stdout=follower, stderr=follower,
                             env={**os.environ, **(environment or {})})
    os.close(follower)
    text = b""
    while True:
        try:
            piece = os.read(leader, 65536) if select.select([leader], [], [], 300)[0] else b""
        except OSError:  # the other end was closed
            break
        if not piece:
            break
        text += piece
    os.close(leader)
    return child.wait(), text.decode()


def run(*words, environment=None):
    return subprocess.run([FEWBIT, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, env={**os.environ, **(environment or {})})


def shown_lines(text):
    """What stood in a line of the terminal at some time."""
    return [re.sub(r"\x1b\[K", "", line) for line in re.split(r"[\r\n]+", text)]


class SlowTools:
    """A folder of programs that wait before they do what they are named after."""

    def __init__(self, folder, seconds, *names):
        self.folder = pathlib.Path(folder)
        for name in names:
            path = self.folder / name
            path.write_text(f'#!/bin/sh\ncase "$*" in *--version*|-V) ;; *) sleep {seconds};; esac\n'
                            f'PATH="${{PATH#*:}}" exec {name} "$@"\n', encoding="utf-8")
            path.chmod(path.stat().st_mode | stat.S_IXUSR)

    @property
    def environment(self):
        return {"PATH": f"{self.folder}:{os.environ['PATH']}"}


class TerminalTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def check_width(self, text, what):
        for line in shown_lines(text):
            self.assertLessEqual(len(line), COLUMNS, (what, line))

    def test_help_fits(self):
        for words in ((), ("help",), ("--version",), *(("help", command) for command in COMMANDS),
                      ("sweep", "run", "--help"), ("sweep", "export", "--help")):
            text = run_in_terminal(*words)[1]
            self.assertGreater(len(text), 10, words)
            self.check_width(text, words)

    def test_results_fit(self):
        for words in (("formats",), ("explain", "e4m3fn"), ("explain", "e2m1", "--table"), ("explain", "bfloat16"),
                      ("emit", "mul", "--a", "int3", "--b", "int3", "-o", self.folder / "rtl"),
                      ("prove", "mul", "--a", "int2", "--b", "int2"),
                      ("mutate", "mul", "--a", "int2", "--b", "int2", "--limit", "2"),
                      ("demo", "--pairs", "int2", "--targets", "xilinx-usp", "-o", self.folder / "demo")):
            code, text = run_in_terminal(*words)
            self.assertEqual(code, 0, text)
            self.check_width(text, words)

    def test_nothing_asked_gives_help(self):
        alone, asked = run(), run("help")
        self.assertEqual((alone.returncode, asked.returncode), (2, 0))
        self.assertEqual(alone.stdout, asked.stdout)
        self.assertEqual(alone.stderr, "")

    def test_near_misses(self):
        for words, meant in ((("emti",), "emit"), (("emit", "mull", "--a", "int3", "--b", "int3"), "mul"),
                             (("verify", "mxdto", "--a", "int3"), "mxdot"), (("emit", "mul", "--rouding", "x"), "--rounding"),
                             (("sweep", "rum"), "run"), (("cost", "mul", "--a", "int3", "--b", "int3", "--target", "ice40-hx8"),
                                                         "ice40-hx8k"),
                             (("verify", "mul", "--a", "int3", "--b", "int3", "--simulator", "icaru"), "icarus"),
                             (("emit", "mul", "--a", "int3", "--b", "int3", "--result", "int3", "--rounding", "to_od", "-o", "x"),
                              "to_odd")):
            done = run(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(f"did you mean {meant}?", done.stderr, words)
        self.assertNotIn("did you mean", run("emit", "frobnicate").stderr)

    def test_verify_shows_how_far_it_is_and_clears_it(self):
        slow = SlowTools(self.folder, 4, "verilator")
        words = ("verify", "mul", "--a", "int3", "--b", "int3")
        code, text = run_in_terminal(*words, environment=slow.environment)
        self.assertEqual(code, 0, text)
        lines = shown_lines(text)
        self.assertTrue(any(re.match(r"verify \d+ s  builds the simulator", line) for line in lines), text)
        self.check_width(text, words)
        self.assertIn("\r\x1b[K", text)
        plain = lambda result: re.sub(r"[\d.]+ s\b", "T s", " ".join(result.split()))
        self.assertEqual(plain(text[text.rindex("\x1b[K") + 3:]), plain(run(*words).stdout))

    def test_cost_tells_the_time_left(self):
        slow = SlowTools(self.folder, 3, "yosys", "nextpnr-ice40")
        words = ("cost", "mul", "--a", "int2", "--b", "int2", "--seeds", "1")
        code, text = run_in_terminal(*words, environment=slow.environment)
        self.assertEqual(code, 0, text)
        self.assertTrue(any(re.match(r"cost \d+ s, \d+ s left  ", line) for line in shown_lines(text)), text)
        self.check_width(text, words)

    def test_lists_of_work_tell_the_time_left(self):
        code, text = run_in_terminal("verify", "--grid", "3", "--ops", "mul")
        self.assertEqual(code, 0, text)
        self.assertTrue(any(re.match(r"verify 1/36 \d+ s, \d+ (s|min \d+ s) left  ", line) for line in shown_lines(text)), text)
        self.check_width(text, "grid")

    def test_quiet(self):
        slow = SlowTools(self.folder, 3, "verilator")
        words = ("verify", "mul", "--a", "int3", "--b", "int3", "--quiet")
        code, text = run_in_terminal(*words, environment=slow.environment)
        self.assertEqual(code, 0)
        self.assertNotIn("\x1b", text)
        done = run("verify", "--grid", "3", "--ops", "mul", "--quiet")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("36 of 36 designs", done.stdout)
        wrong = run("verify", "mul", "--a", "int3", "--b", "int99", "--quiet")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("int99", wrong.stderr)

    def test_a_narrow_terminal(self):
        slow = SlowTools(self.folder, 3, "verilator")
        _, text = run_in_terminal("verify", "mul", "--a", "int3", "--b", "int3", environment=slow.environment, columns=30)
        bars = [line for line in shown_lines(text) if line.startswith("verify ")]
        self.assertTrue(bars)
        for line in bars:
            self.assertLess(len(line), 30)


if __name__ == "__main__":
    FEWBIT = sys.argv.pop(1)
    unittest.main()
