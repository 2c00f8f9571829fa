"""A table of a results database as SQL text, in an order of its own: sample.py DB FILE results|accuracy.
SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import sqlite3
import sys


ORDER = {'results': 'operator, target, arch, a, b, command',
         'accuracy': 'network, technique, weights, activations'}


def main():
    source, file, table = sys.argv[1:]
    memory = sqlite3.connect(':memory:')
    memory.execute('ATTACH ? AS source', (source,))
    memory.execute(memory.execute("SELECT sql FROM source.sqlite_master WHERE name = ?",
                                  (table,)).fetchone()[0])
    memory.execute(f'INSERT INTO main.{table} SELECT * FROM source.{table} ORDER BY {ORDER[table]}')
    memory.commit()
    memory.execute('DETACH source')
    pathlib.Path(file).write_text('\n'.join(memory.iterdump()) + '\n')


if __name__ == '__main__':
    main()
