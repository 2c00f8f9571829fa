"""Commands ended by signals at random moments leave nothing behind and nothing half done.

SIGINT, SIGTERM, SIGHUP and SIGKILL, once, twice within microseconds to the process and its group
(as `timeout` does), and again a little later. After each: how it ended and how fast, no process of
the session, no scratch, whole sets of files, only right rows.

    signals_test.py FEWBIT SOURCES [--signals N] [--seed S] [--longest SECONDS] [--within SECONDS]

--longest: the signal comes before that time; --within: no ending may take longer.
"""
# SPDX-License-Identifier: Apache-2.0
import argparse
import collections
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import commands

MARK = "FEWBIT_ENDINGS_TEST"
FORMS = ("once", "at once twice", "again later")
CAUGHT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = 130


def processes(mark):
    """Process number -> name of all that run with this mark in their environment."""
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/environ", "rb") as file:
                marked = f"{MARK}={mark}".encode() in file.read().split(b"\0")
            with open(f"/proc/{entry}/comm", encoding="utf-8") as file:
                name = file.read().strip()
            if marked:  # of a process that has ended, the environment is empty
                found[int(entry)] = name
        except OSError:
            pass
    return found


def catches(pid, number):
    """Whether the process has a handler for the signal: it has come so far."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            caught = next(line for line in file if line.startswith("SigCgt"))
    except (OSError, StopIteration):
        return False
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


def send(process, number, form):
    """Signals a process that has not been reaped."""
    process.send_signal(number)
    if form == "at once twice":
        os.killpg(process.pid, number)
    elif form == "again later":
        try:
            process.wait(until_insisting(process))
        except subprocess.TimeoutExpired:
            process.send_signal(number)


def until_insisting(process):
    """Seconds until the user insists: before the command ends all the same."""
    return 0.25 + process.pid % 10 * 0.03


class Endings:
    """One folder, in which commands run and are ended."""

    def __init__(self, arguments, folder):
        self.mark = f"{os.getpid()}-{arguments.seed}"
        self.arguments = arguments
        self.work = commands.Workplace(arguments.fewbit, arguments.sources, folder,
                                       {MARK: self.mark}, arguments.signals >= 200)
        self.chance = random.Random(arguments.seed)
        self.seconds = []
        self.clearing = []
        self.codes = collections.Counter()
        self.hits = collections.Counter()

    def run(self):
        table = self.work.commands()
        tries = 0
        while sum(self.hits.values()) < self.arguments.signals:
            command = table[tries % len(table)]
            number = self.chance.choice(CAUGHT + (signal.SIGKILL,))
            form = "once" if number == signal.SIGKILL else self.chance.choice(FORMS)
            tries += 1
            if tries > 50 * self.arguments.signals + 1000:
                sys.exit("the commands end before the signals come")
            self.end_one(command, number, form)
        print(f"{sum(self.hits.values())} signals in {tries} runs, seed {self.arguments.seed}")
        for name, count in sorted(self.hits.items()):
            print(f"  {name}: {count}")
        print("exit codes: " + ", ".join(f"{code}: {count}"
                                         for code, count in sorted(self.codes.items())))
        for what, times in (("from the signal to the end", self.seconds),
                            ("until all was cleared away", self.clearing)):
            ordered = sorted(times)
            print(f"{what}: median {statistics.median(ordered):.3f} s, "
                  f"99 % {ordered[int(len(ordered) * 0.99)]:.3f} s, most {ordered[-1]:.3f} s")

    def end_one(self, command, number, form):
        """Starts a command and ends it; not a hit where it was faster."""
        command.prepare()
        moment = self.chance.random() * min(command.longest, self.arguments.longest)
        process = subprocess.Popen(command.words, cwd=self.work.folder, start_new_session=True,
                                   env={**self.work.environment, **command.environment},
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        time.sleep(moment)
        if process.poll() is not None:
            if process.returncode not in command.endings:
                sys.exit(f"{command.name}: exit code {process.returncode}, without a signal\n"
                         + process.stderr.read().decode(errors="replace"))
            process.stderr.close()
            self.settle(command, f"{command.name} undisturbed")
            command.release()
            return
        caught = number != signal.SIGKILL and catches(process.pid, number)
        begin = time.monotonic()
        send(process, number, form)
        try:
            code = process.wait(self.arguments.within)
        except subprocess.TimeoutExpired:
            sys.exit(f"{command.name}: {self.arguments.within:.0f} s after signal {number} it still runs")
        took = time.monotonic() - begin
        text = process.stderr.read().decode(errors="replace")
        process.stderr.close()
        command.release()
        what = f"{command.name}, signal {number} {form} after {moment:.3f} s, exit code {code}"
        if number == signal.SIGKILL:
            expected = {-number}
        elif caught:  # or it had all but ended
            expected = {INTERRUPTED} | command.endings
        else:
            expected = {INTERRUPTED, -number} | command.endings
        if code not in expected:
            sys.exit(f"{what}: expected {sorted(expected)}\n{text}")
        if code == INTERRUPTED and text.count("fewbit: interrupted\n") != 1:
            sys.exit(f"{what}: it says {text!r}")
        if took > self.arguments.within:
            sys.exit(f"{what}: the end took {took:.2f} s")
        cleared = self.settle(command, what)
        self.clearing.append(cleared - begin)
        self.seconds.append(took)
        self.codes[code] += 1
        self.hits[command.name] += 1
        if sum(self.hits.values()) % 100 == 0:
            print(f"{sum(self.hits.values())} signals", flush=True)

    def settle(self, command, what):
        """Waits until nothing of the command runs, then looks at what it left. When that was."""
        deadline = time.monotonic() + self.arguments.within
        while running := processes(self.mark):
            if time.monotonic() > deadline:
                sys.exit(f"{what}: still there: {running}")
            time.sleep(0.005)
        cleared = time.monotonic()
        try:
            self.work.check()
            command.check()
        except AssertionError as failure:
            sys.exit(f"{what}: {failure}")
        return cleared


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("fewbit")
    parser.add_argument("sources")
    parser.add_argument("--signals", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=0.4)
    parser.add_argument("--within", type=float, default=60)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Endings(arguments, folder).run()


if __name__ == "__main__":
    main()
