"""A sweep whose database finds its disk full, then read-only, then with room again, misses and breaks nothing.

The disk is a small tmpfs in a mount namespace of the test's own.

    full_disk_test.py FEWBIT
"""
# SPDX-License-Identifier: Apache-2.0
import os
import subprocess
import sys
import tempfile

import databases

SWEEP = """\
operators: mul
a: [int3, int4, e2m1, e3m2f]
b: [int3, int4, e2m1, e3m2f]
arch: [optimized, generic]
targets: ecp5
"""
FIRST = "operators: mul\na: int3\nb: int3\ntargets: ecp5\n"


def main():
    fewbit = os.path.abspath(sys.argv[1])
    if "FEWBIT_TEST_MOUNTS" not in os.environ:  # in a namespace in which it may mount
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        os.environ["FEWBIT_TEST_MOUNTS"] = "1"
        os.execvp("unshare", ["unshare", "--mount", *as_root, sys.executable, *sys.argv])
    with tempfile.TemporaryDirectory() as folder:
        disk = os.path.join(folder, "disk")
        os.mkdir(disk)
        mount("-t", "tmpfs", "-o", "size=256k", "tmpfs", disk)
        try:
            run_all(fewbit, folder, disk)
        finally:
            subprocess.run(["umount", "--lazy", disk], check=True)


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def run_all(fewbit, folder, disk):
    sweep, first = (os.path.join(folder, name) for name in ("sweep.yaml", "first.yaml"))
    for path, text in ((sweep, SWEEP), (first, FIRST)):
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
    expected, database = os.path.join(folder, "expected.sqlite"), os.path.join(disk, "full.sqlite")
    plan = subprocess.run([fewbit, "sweep", "plan", sweep], check=True, stdout=subprocess.PIPE,
                          text=True).stdout
    jobs = len(plan.splitlines())

    def run(path, text):
        command = [fewbit, "sweep", "run", path, "--db", text, "--jobs", "2"]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              check=False)

    def refused(path, reason):
        done = run(path, database)
        if done.returncode != 2 or reason not in done.stderr or database not in done.stderr:
            sys.exit(f"exit code {done.returncode}, not 2 and '{reason}' of {database}:\n{done.stderr}")
        print(done.stderr.strip().splitlines()[-1])

    def must(done):
        if done.returncode != 0:
            sys.exit(f"exit code {done.returncode}:\n{done.stderr}")

    must(run(sweep, expected))
    must(run(first, database))
    fill(disk)
    refused(sweep, "disk is full")
    rows = databases.rows_of(database)
    if not 1 <= len(rows) < jobs:
        sys.exit(f"{len(rows)} of {jobs} rows on a full disk")
    print(f"full disk: {len(rows)} of {jobs} rows, intact")

    mount("-o", "remount,ro", disk)
    refused(sweep, "Read-only file system")
    mount("-o", "remount,rw,size=64m", disk)
    if databases.rows_of(database) != rows:
        sys.exit("a read-only database has changed")
    must(run(sweep, database))
    databases.assert_equal(database, expected, jobs)
    print(f"room again: {jobs} rows equal to those of the undisturbed run")


def fill(disk):
    """Leaves room for some rows, not for all: a page of SQLite is 4 KiB."""
    free = os.statvfs(disk)
    with open(os.path.join(disk, "other"), "wb") as file:
        file.write(bytes(max(0, free.f_bavail * free.f_frsize - 24 * 1024)))


if __name__ == "__main__":
    main()
