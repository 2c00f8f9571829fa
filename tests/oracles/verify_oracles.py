"""fewbit's model before judges from outside: compares, prints the table, exits 1 on any difference
that quirks.py does not explain. `make verify-oracles` runs it.

SPDX-License-Identifier: Apache-2.0
"""

import argparse
import collections
import multiprocessing
import pathlib
import re
import sys
import time

_PROGRAMS = ("model", "mpfr", "apfloat")
_bench = None  # of a worker process


def _start(folder):
    """Starts the programs of one worker process."""
    global _bench
    import compare
    import judges
    from servers import Server

    servers = {name: Server(str(folder / f"oracle_{name}")) for name in _PROGRAMS}
    _bench = compare.Bench(servers["model"], judges.make_judges(servers))


def _rows(request):
    return _bench.rows(request)


# The judges that each operator must have had, over all its formats.
_JUDGES = {
    "fma": {"mpfr", "apfloat", "gfloat", "softfloatpy"},
    "dot": {"mpfr", "gfloat", "numpy"},
    "mxdot": {"mpfr", "gfloat"},
    "mxquant": {"mpfr", "gfloat"},
    "requant": {"mpfr"},
    "facc": {"mpfr", "gfloat", "ml-dtypes", "softfloatpy", "numpy"},
    "fmac": {"mpfr", "gfloat", "softfloatpy"},
}


def missing_coverage(requests, rows, formats):
    """What the table must hold and does not, as texts."""
    by_format = collections.defaultdict(set)
    by_operator = collections.defaultdict(set)
    conversions = set()  # judge, format, rounding or overflow
    for row in rows:
        request = row.request
        by_format[request.op, request.result or request.operands[0]].add(row.judge)
        by_operator[request.op].add(row.judge)
        if request.op == "convert":
            conversions.add((row.judge, request.result, request.rounding))
            conversions.add((row.judge, request.result, request.overflow))
    judged = {row.request for row in rows}
    texts = [f"{r.header(0)}: no judge" for r in requests if r not in judged]
    for op in ("decode", "convert"):
        for name in formats.OCP:
            if len(names := by_format[op, name]) < 3:
                texts.append(f"{name}: {op} has only the judges {sorted(names)}; three are needed")
        for name in formats.P3109:
            if "gfloat" not in by_format[op, name]:
                texts.append(f"{name}: gfloat did not judge {op}")
    for op, judges in _JUDGES.items():
        texts += [f"{op}: {name} did not judge it" for name in sorted(judges - by_operator[op])]
    modes = [("gfloat", name, "sat_finite") for name in formats.P3109]
    modes += [("gfloat", name, "sat_propagate") for name in formats.P3109]
    modes += [("gfloat", name, "sat_none") for name in formats.P3109]
    for name in formats.p3109(8):
        modes += [("gfloat", name, mode) for mode in formats.STOCHASTIC]
    for name in formats.ONNX:
        modes += [("onnx", name, mode) for mode in ("onnx_saturate", "onnx_no_saturate")]
    for judge, name, mode in modes:
        if (judge, name, mode) not in conversions:
            texts.append(f"{name}: {judge} did not judge {mode}")
    return texts


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of the programs")
    parser.add_argument("--output", type=pathlib.Path, required=True, help="file for the table")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--only", help="only requests that match this regular expression")
    return parser.parse_args()


def _judge_all(arguments):
    """Runs everything: rows, what failed, and the judges' versions."""
    import cases
    import formats
    import quirks
    import report

    requests = [r for r in cases.requests() if re.search(arguments.only or "", r.header(0))]
    with multiprocessing.Pool(arguments.jobs, _start, (arguments.bin,)) as pool:
        rows = [row for part in pool.imap(_rows, requests, chunksize=6) for row in part]
    notes = report.failures(rows)
    notes += [f"{p.key}: no longer occurs ({p.reason})" for p in quirks.PROBES if not p.occurs()]
    if arguments.only is None:
        found = {key for row in rows for key in row.known}
        notes += [f"{d.key}: never occurred" for d in quirks.DIFFERENCES if d.key not in found]
        notes += missing_coverage(requests, rows, formats)
    _start(arguments.bin)
    versions = {judge.name: judge.version() for judge in _bench.judges}
    return report.Report(rows, quirks.DIFFERENCES, quirks.PROBES, versions, notes)


def main():
    arguments = _arguments()
    for path in (arguments.bin / f"oracle_{name}" for name in _PROGRAMS):
        if not path.exists():
            print(f"verify-oracles: no {path}; `make verify-oracles` builds it", file=sys.stderr)
            return 2
    begin = time.monotonic()
    try:
        report = _judge_all(arguments)
    except ImportError as error:
        print(f"verify-oracles: {error}; `make tools` installs what is needed", file=sys.stderr)
        return 2
    except RuntimeError as error:
        print(f"verify-oracles: {error}", file=sys.stderr)
        return 2
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(report.document())
    print(report.summary(), report.known_differences(), sep="\n\n")
    compared = sum(row.compared for row in report.rows)
    print(f"\n{len(report.rows):,} comparisons, {compared:,} cases, ", end="")
    print(f"{time.monotonic() - begin:.0f} s; the whole table: {arguments.output}")
    for note in report.notes:
        print("FAILED", note)
    return 1 if report.notes or not report.rows else 0


if __name__ == "__main__":
    sys.exit(main())
