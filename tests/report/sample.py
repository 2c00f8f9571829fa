"""A results database as SQL text, in an order of its own: sample.py DB FILE.
SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import sqlite3
import sys


def main():
    source, file = sys.argv[1:]
    memory = sqlite3.connect(':memory:')
    memory.execute('ATTACH ? AS source', (source,))
    memory.execute(memory.execute("SELECT sql FROM source.sqlite_master WHERE name = 'results'").fetchone()[0])
    memory.execute('INSERT INTO main.results SELECT * FROM source.results '
                   'ORDER BY operator, target, arch, a, b, command')
    memory.commit()
    memory.execute('DETACH source')
    pathlib.Path(file).write_text('\n'.join(memory.iterdump()) + '\n')


if __name__ == '__main__':
    main()
