"""A sweep whose scratch folder is missing, full or without inodes, and whose tools are killed at random,
stores no row of these accidents: run again undisturbed, its database is that of an undisturbed sweep.

The disks are small tmpfs in a mount namespace of the test's own.

    starved_test.py FEWBIT [--kills N] [--seed S]
"""
# SPDX-License-Identifier: Apache-2.0
import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

import databases

SWEEP = """\
operators: mul
a: [int3, e2m1]
b: [int3, int4]
arch: [optimized, generic]
targets: [ecp5, ice40-hx8k]
seeds: 2
"""
DISKS = [f"size={size}" for size in ("16k", "64k", "128k", "256k", "512k", "1m", "2m", "4m")] + [
    f"size=64m,nr_inodes={count}" for count in (2, 4, 8, 12, 16, 24, 32)]
TOOLS = ("verilator_bin", "yosys", "yosys-abc", "nextpnr-ice40", "cc1plus", "ld", "make", "perl")


class Sweep:
    """One sweep into one database; after every run its rows are some of the expected ones."""

    def __init__(self, fewbit, folder):
        self.fewbit, self.folder = fewbit, folder
        self.file, self.expected, self.database = (
            os.path.join(folder, name) for name in ("sweep.yaml", "expected.sqlite", "starved.sqlite"))
        with open(self.file, "w", encoding="ascii") as file:
            file.write(SWEEP)
        plan = subprocess.run([fewbit, "sweep", "plan", self.file], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        self.jobs = len(plan.splitlines())

    def start(self, database, scratch, cache="cache"):
        """`cache`: of compiled runtimes; an empty one gives compilers something to do too."""
        environment = dict(os.environ, TMPDIR=scratch, FEWBIT_CACHE=os.path.join(self.folder, cache))
        return subprocess.Popen([self.fewbit, "sweep", "run", self.file, "--db", database, "--jobs", "2"],
                                env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                text=True)

    def check(self, what, code, message):
        """`code` and `message`: how the disturbed run ended. Says so."""
        rows = databases.rows_of(self.database) if databases.count(self.database) else {}
        expected = databases.rows_of(self.expected)
        for key, row in rows.items():
            if expected.get(key) != row:
                sys.exit(f"{what}: a row that no undisturbed sweep has: {row}")
        if code not in (0, 2) or (code == 0 and len(rows) < self.jobs) or (code == 2 and not message):
            sys.exit(f"{what}: exit code {code} with {len(rows)} of {self.jobs} rows:\n{message}")
        print(f"{what}: exit code {code}, {len(rows)} of {self.jobs} rows. "
              f"{(message.strip().splitlines() or [''])[-1][:150]}", flush=True)

    def starve(self, what, scratch):
        """A run with this scratch folder, from an empty database."""
        if os.path.exists(self.database):
            os.remove(self.database)
        process = self.start(self.database, scratch)
        message = process.communicate()[1]
        self.check(what, process.returncode, message)


def descendants(pid):
    """(process number, name) of all below it."""
    below = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                    text = file.read()
            except OSError:
                continue
            name, rest = text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 2:].split()
            below.setdefault(int(rest[1]), []).append((int(entry), name))
    found, waiting = [], [pid]
    while waiting:
        for child in below.get(waiting.pop(), []):
            found.append(child)
            waiting.append(child[0])
    return found


def kill_tools(sweep, kills, chance):
    """Kills one tool after the other, at random moments, while the sweep is run again and again."""
    if os.path.exists(sweep.database):
        os.remove(sweep.database)
    done, runs, killed = 0, 0, {}
    while done < kills:
        process = sweep.start(sweep.database, sweep.folder, f"cache-{runs}")
        deadline = time.monotonic() + chance.uniform(0, 3)
        while process.poll() is None and done < kills:
            time.sleep(0.005)
            running = [child for child in descendants(process.pid) if child[1] in TOOLS]
            if time.monotonic() < deadline or not running:
                continue
            pid, name = chance.choice(running)
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            done += 1
            killed[name] = killed.get(name, 0) + 1
            deadline = time.monotonic() + chance.uniform(0, 3)
        message = process.communicate()[1]
        runs += 1
        sweep.check(f"tools killed, run {runs}", process.returncode, message)
        if process.returncode == 0:  # all rows are there: from the beginning
            os.remove(sweep.database)
    print(f"{done} tools killed in {runs} runs: "
          + ", ".join(f"{name} {count}" for name, count in sorted(killed.items())))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("fewbit")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    fewbit = os.path.abspath(arguments.fewbit)
    if "FEWBIT_TEST_MOUNTS" not in os.environ:  # in a namespace in which it may mount
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        os.environ["FEWBIT_TEST_MOUNTS"] = "1"
        os.execvp("unshare", ["unshare", "--mount", *as_root, sys.executable, *sys.argv])
    with tempfile.TemporaryDirectory() as folder:
        sweep = Sweep(fewbit, folder)
        undisturbed = sweep.start(sweep.expected, folder)
        if message := undisturbed.communicate()[1] if undisturbed.wait() != 0 else "":
            sys.exit(f"the undisturbed sweep failed:\n{message}")
        sweep.starve("no scratch folder", os.path.join(folder, "missing"))
        disk = os.path.join(folder, "disk")
        os.mkdir(disk)
        for options in DISKS:
            subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], check=True)
            try:
                sweep.starve(f"scratch on a disk of {options}", disk)
            finally:
                subprocess.run(["umount", "--lazy", disk], check=True)
        kill_tools(sweep, arguments.kills, random.Random(arguments.seed))
        last = sweep.start(sweep.database, folder)
        if last.wait() != 0:
            sys.exit(f"the last run failed:\n{last.communicate()[1]}")
        databases.assert_equal(sweep.database, sweep.expected, sweep.jobs)
        print(f"undisturbed again: {sweep.jobs} rows equal to those of the undisturbed sweep")


if __name__ == "__main__":
    main()
