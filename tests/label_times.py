"""Runs the tests label by label and says what each label took of its budget. Judges by processor time, which other
work on the machine changes little: a budget of 60 s on two idle cores is 120 s of it.

    label_times.py BUILD JOBS [GROUP...]
"""
# SPDX-License-Identifier: Apache-2.0
import resource
import subprocess
import sys
import time

CORES = 2
# Labels that share a budget, and seconds on CORES idle cores.
BUDGETS = {"quick": 60, "simulate": 120, "synthesize|prove": 120, "networks": 120, "numbers|commands": 120}
ALL_SECONDS = 300


def of_children():
    """Seconds of processor time of all processes that were started and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def row(name, budget, wall, processor):
    """A line of the table, and whether the budget holds."""
    holds = processor <= CORES * budget
    return f"| {name} | {budget} | {processor / CORES:.0f} | {wall:.0f} | {'yes' if holds else 'no'} |", holds


def main():
    build, jobs, groups = sys.argv[1], sys.argv[2], sys.argv[3:] or list(BUDGETS)
    print(f"| label | budget, s | processor time / {CORES}, s | here, s | holds |\n|---|---|---|---|---|", flush=True)
    good, sum_wall, sum_processor = True, 0, 0
    for group in groups:
        before, start = of_children(), time.monotonic()
        done = subprocess.run(["ctest", "--test-dir", build, "--no-tests=error", "--output-on-failure", "-j", jobs,
                               "-L", f"^({group})$"], capture_output=True, text=True, check=False)
        wall, processor = time.monotonic() - start, of_children() - before
        text, holds = row(group.replace("|", " and "), BUDGETS[group], wall, processor)
        print(text, flush=True)
        if done.returncode != 0:
            print(done.stdout, file=sys.stderr)
        good = good and holds and done.returncode == 0
        sum_wall, sum_processor = sum_wall + wall, sum_processor + processor
    if groups == list(BUDGETS):
        text, holds = row("all", ALL_SECONDS, sum_wall, sum_processor)
        print(text)
        good = good and holds
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
