"""The table of standard cells from a sweep of a few designs: measured, resumed, printed, and refused where rows are missing.
SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile


def run(*words, code=0):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def main():
    fewbit, source = sys.argv[1], pathlib.Path(sys.argv[2])
    script = source / "flows/sweeps/asic_table.py"
    with tempfile.TemporaryDirectory() as folder:
        database = pathlib.Path(folder) / "asic.sqlite"
        sweep = ["sweep", "run", source / "flows/sweeps/asic_sample.yaml", "--db", database]
        run(fewbit, *sweep)
        connection = sqlite3.connect(database)
        rows = connection.execute("SELECT status, luts, area, gates, path_ns, verified FROM results").fetchall()
        assert len(rows) == 6, rows
        for status, luts, area, gates, path, verified in rows:
            assert status == "ok" and luts == 0 and area > 0 and gates > 0 and path > 0, rows
            assert verified in ("exhaustive", "simulated"), rows
        before = connection.execute("SELECT key, seconds FROM results ORDER BY key").fetchall()
        run(fewbit, *sweep)  # nothing is measured again
        assert connection.execute("SELECT key, seconds FROM results ORDER BY key").fetchall() == before

        text = run(sys.executable, script, database, "--operator", "mac")
        lines = [line for line in text.splitlines() if re.match(r"\| (int4|e2m1) ", line)]
        assert len(lines) == 2, text
        for line in lines:
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            own, other = (int(cells[place].replace(",", "")) for place in (1, 5))
            assert 9000 < own < 14000 and own <= other, line
            assert abs(own / other - float(cells[6])) < 0.006, line

        connection.execute("DELETE FROM results WHERE arch = 'generic' AND a = 'int4'")
        connection.commit()
        assert "optimized alone" in run(sys.executable, script, database, code=1)
        connection.close()


if __name__ == "__main__":
    main()
