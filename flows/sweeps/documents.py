"""Tables of Markdown documents from packed results databases.
SPDX-License-Identifier: Apache-2.0
"""
import lzma
import pathlib
import sqlite3
import sys
import tempfile


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def open_database(path, name="results"):
    """Rows of a table of a results database, which may be packed by xz, in the order of their commands."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(path)
        if file.suffix == ".xz":
            file = pathlib.Path(folder) / "results.sqlite"
            file.write_bytes(lzma.decompress(pathlib.Path(path).read_bytes()))
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        rows = [dict(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY command")]
        connection.close()
    return rows


def put_tables(path, tables):
    """Replaces what stands between the markers <!-- NAME --> and <!-- NAME-end --> by tables[NAME]."""
    text = pathlib.Path(path).read_text()
    for name, content in tables.items():
        text = put(text, name, content)
    pathlib.Path(path).write_text(text)


def put(text, name, content):
    begin, end = f"<!-- {name} -->\n", f"<!-- {name}-end -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        sys.exit(f"the marker {name} is not there once")
    head, rest = text.split(begin)
    return head + begin + content.rstrip("\n") + "\n" + end + rest.split(end)[1]
