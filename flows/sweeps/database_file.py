"""Results databases as they are published: packed by xz.

    database_file.py pack DATABASE PACKED      without what SQLite keeps for later, as small as it gets
    database_file.py unpack PACKED DATABASE
"""
# SPDX-License-Identifier: Apache-2.0
import contextlib
import lzma
import pathlib
import sqlite3
import sys
import tempfile


def pack(database, packed):
    with tempfile.TemporaryDirectory() as folder:
        compact = pathlib.Path(folder, "compact.sqlite")
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.execute("VACUUM INTO ?", [str(compact)])
        pathlib.Path(packed).write_bytes(lzma.compress(compact.read_bytes(), preset=9 | lzma.PRESET_EXTREME))


def unpack(packed, database):
    pathlib.Path(database).write_bytes(lzma.decompress(pathlib.Path(packed).read_bytes()))


def main():
    actions = {"pack": pack, "unpack": unpack}
    if len(sys.argv) != 4 or sys.argv[1] not in actions:
        sys.exit(__doc__)
    actions[sys.argv[1]](*sys.argv[2:])


if __name__ == "__main__":
    main()
