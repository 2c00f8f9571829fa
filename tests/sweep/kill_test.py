"""A sweep that is killed again and again, then finished, gives the database of an undisturbed one.

Each kill waits for a number of stored rows that is drawn by the seed, and for no time.

    kill_test.py FEWBIT [--kills N] [--sweep FILE] [--seed S]
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

SMALL = """\
operators: mul
a: [int3, e2m1]
b: [int3, int4]
arch: [optimized, generic]
targets: ecp5
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("fewbit")
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--sweep", help="sweep file; default: eight small multipliers")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder
        sweep = arguments.sweep
        if sweep is None:
            sweep = os.path.join(folder, "small.yaml")
            with open(sweep, "w", encoding="ascii") as file:
                file.write(SMALL)
        plan = subprocess.run([arguments.fewbit, "sweep", "plan", sweep], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        jobs = len(plan.splitlines())
        expected, database = (os.path.join(folder, name) for name in ("expected", "killed"))

        def command(path):
            return [arguments.fewbit, "sweep", "run", sweep, "--db", path, "--jobs", "2"]

        # This also builds the Verilator runtimes of the cache: all later runs find them.
        subprocess.run(command(expected), check=True)

        thresholds = sorted(chance.sample(range(1, jobs), min(arguments.kills, jobs - 1)))
        kills, done = 0, 0
        for threshold in thresholds:
            wanted = max(threshold, done + 1)
            # A group of its own: a kill hits the caller alone, or its workers at the same moment.
            process = subprocess.Popen(command(database), start_new_session=True)
            while process.poll() is None and databases.count(database) < wanted:
                time.sleep(0.01)
            if process.poll() is not None:  # it was faster than this loop
                if process.returncode != 0:
                    sys.exit(f"the sweep failed: exit code {process.returncode}")
                break
            children = children_of(process.pid) if chance.random() < 0.5 else []
            for pid in [process.pid] + children:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            if process.wait() != -signal.SIGKILL:  # it ended at this moment
                break
            kills += 1
            done = len(databases.rows_of(database))
            if done < wanted:
                sys.exit(f"{wanted} rows were there before kill {kills}, {done} after it")
            print(f"kill {kills}, caller and {len(children)} workers: {done} of {jobs} rows",
                  flush=True)
        if kills == 0:
            sys.exit("no kill hit the sweep before its end")
        deadline = time.monotonic() + 60
        while left := [name for name in os.listdir(folder) if name.startswith("fewbit-")]:
            if time.monotonic() > deadline:
                sys.exit(f"the killed processes left {left}")
            time.sleep(0.01)
        subprocess.run(command(database), check=True)
        databases.assert_equal(database, expected, jobs)
        print(f"{kills} kills, seed {arguments.seed}: {jobs} rows equal to those of the "
              "undisturbed run")


def children_of(pid):
    """Process numbers of its children."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


if __name__ == "__main__":
    main()
