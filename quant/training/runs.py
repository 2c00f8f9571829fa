# Trainings as rows of a database: each by its options, none done twice.
# SPDX-License-Identifier: Apache-2.0
import hashlib
import json
import sqlite3
import statistics
from typing import Any, Sequence

import train

# What changes no number, or where things are kept.
ELSEWHERE = ("db", "output", "threads", "data")


class Runs:
    """The table `runs` of a file; `columns` begin with "key"."""

    def __init__(self, file: str, columns: Sequence[str]) -> None:
        self.columns = columns
        self.database = sqlite3.connect(file, timeout=60)
        self.database.execute(f"CREATE TABLE IF NOT EXISTS runs ({columns[0]} TEXT PRIMARY KEY NOT NULL, "
                              f"{', '.join(columns[1:])}) WITHOUT ROWID")

    def has(self, key: str) -> bool:
        return self.database.execute("SELECT 1 FROM runs WHERE key=?", (key,)).fetchone() is not None

    def insert(self, values: Sequence[Any]) -> None:
        with self.database:
            self.database.execute(f"INSERT INTO runs VALUES ({', '.join('?' * len(self.columns))})", values)

    def groups(self, same: Sequence[str], others: Sequence[str], order: str) -> dict:
        """Rows alike in the columns `same`: for their values, the other columns of each row."""
        groups: dict = {}
        for row in self.database.execute(f"SELECT {', '.join((*same, *others))} FROM runs ORDER BY {order}"):
            groups.setdefault(row[:len(same)], []).append(row[len(same):])
        return groups


def key_of(arguments: Any) -> str:
    return json.dumps({name: value for name, value in vars(arguments).items() if name not in ELSEWHERE},
                      sort_keys=True)


def short_key(arguments: Any) -> str:
    """For names of files."""
    return hashlib.sha256(key_of(arguments).encode()).hexdigest()[:8]


def images_of(arguments: Any) -> tuple:
    """Training images and labels, the first --images of them, and the first --test-images of the tests'."""
    images, labels = train.load(arguments.data, "train")
    if arguments.images:
        images, labels = images[:arguments.images], labels[:arguments.images]
    tests = tuple(part[:arguments.test_images] for part in train.load(arguments.data, "t10k"))
    return images, labels, tests


def spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"
