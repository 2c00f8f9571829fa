"""Results databases compared: every column but the ones that differ from run to run."""
# SPDX-License-Identifier: Apache-2.0
import contextlib
import os
import sqlite3

VOLATILE = ("seconds", "peak_memory_mib")


def rows_of(path):
    """Key -> the row as a dictionary, without the volatile columns."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            raise AssertionError(f"{path}: {verdict}")
        cursor = connection.execute("SELECT * FROM results")
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row)) for row in cursor]
    for row in rows:
        for name in VOLATILE:
            if not row["status"] == "failed" and not row.pop(name) > 0:
                raise AssertionError(f"{path}: no {name} in {row['command']}")
            row.pop(name, None)
    return {row["key"]: row for row in rows}


def count(path):
    """Rows of a database that a sweep may be about to make."""
    if not os.path.exists(path):
        return 0
    with contextlib.closing(sqlite3.connect(path)) as connection:
        table = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'results'").fetchone()
        return connection.execute("SELECT count(*) FROM results").fetchone()[0] if table else 0


def assert_equal(path, expected_path, jobs):
    """Both have a row for each of so many jobs, none of a failure, and the rows are the same."""
    rows, expected = rows_of(path), rows_of(expected_path)
    if len(expected) != jobs:
        raise AssertionError(f"{expected_path} has {len(expected)} rows, not {jobs}")
    failed = [row["reason"] for row in expected.values() if row["status"] != "ok"]
    if failed:
        raise AssertionError(f"{expected_path}: {failed}")
    for key in rows.keys() | expected.keys():
        if rows.get(key) != expected.get(key):
            raise AssertionError(f"{rows.get(key)}\nis not\n{expected.get(key)}")
