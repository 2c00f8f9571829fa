"""Conversions, operators and dot products of the Python module beside APyTypes, ml_dtypes and gfloat.

One core, arrays of a million numbers; the median CPU time of the repetitions, in millions of numbers a second, and the
memory that a call adds.

    python_speed.py [--repetitions N]
"""
# SPDX-License-Identifier: Apache-2.0
import argparse
import os
import statistics
import time
import tracemalloc

import apytypes
import gfloat
import gfloat.formats
import ml_dtypes
import numpy as np

import fewbit

COUNT = 1 << 20


def rate(run, numbers, repetitions):
    run()  # tables are made now
    times = []
    for _ in range(repetitions):
        begin = time.process_time()  # of one core: others may share it
        run()
        times.append(time.process_time() - begin)
    return numbers / statistics.median(times) / 1e6


def memory(run, result_bytes):
    """MiB of Python's and NumPy's memory at the peak of a call beyond its result."""
    run()
    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (peak - result_bytes) / 2**20


def cpu():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "a machine")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--repetitions", type=int, default=15)
    repetitions = parser.parse_args().repetitions
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    x = np.random.default_rng(1).standard_normal(COUNT).astype(np.float32)
    few = x[:1 << 14]
    a, b = fewbit.array(x, "e4m3fn"), fewbit.array(x[::-1], "e4m3fn")
    rows_a, rows_b = (fewbit.Array(y.codes.reshape(-1, 32), "e4m3fn") for y in (a, b))
    ml_a, ml_b = x.astype(ml_dtypes.float8_e4m3fn), x[::-1].astype(ml_dtypes.float8_e4m3fn)
    apy_x = [float(value) for value in few]
    apy_a = apytypes.APyFloatArray.from_float(apy_x, exp_bits=4, man_bits=3)
    apy_b = apytypes.APyFloatArray.from_float(apy_x[::-1], exp_bits=4, man_bits=3)
    few_array = np.asarray(few, np.float64)
    info = gfloat.formats.format_info_ocp_e4m3
    rows = [
        ("binary32 to e4m3fn, codes", "fewbit", lambda: fewbit.encode(x, "e4m3fn"), COUNT),
        ("binary32 to e4m3fn, values", "fewbit", lambda: fewbit.quantize(x, "e4m3fn"), COUNT),
        ("binary32 to bfloat16, codes", "fewbit", lambda: fewbit.encode(x, "bfloat16"), COUNT),
        ("binary32 to e4m3fn, codes", "ml_dtypes", lambda: x.astype(ml_dtypes.float8_e4m3fn), COUNT),
        ("binary32 to e4m3, values", "APyTypes",
         lambda: apytypes.APyFloatArray.from_array(few_array, exp_bits=4, man_bits=3), len(few)),
        ("binary64 to e4m3fn, values", "gfloat", lambda: gfloat.round_ndarray(info, few_array), len(few)),
        ("e4m3fn x e4m3fn to e4m3fn", "fewbit", lambda: fewbit.mul(a, b, result="e4m3fn"), COUNT),
        ("e4m3fn x e4m3fn to e4m3fn", "ml_dtypes", lambda: ml_a * ml_b, COUNT),
        ("e4m3 x e4m3 to e4m3", "APyTypes", lambda: apy_a * apy_b, len(few)),
        ("e4m3fn + e4m3fn to e4m3fn", "fewbit", lambda: fewbit.add(a, b, result="e4m3fn"), COUNT),
        ("e4m3fn + e4m3fn to e4m3fn", "ml_dtypes", lambda: ml_a + ml_b, COUNT),
        ("dot of 32, exact", "fewbit", lambda: fewbit.dot(rows_a, rows_b), COUNT),
        ("dot of 32, to binary16", "fewbit", lambda: fewbit.dot(rows_a, rows_b, result="binary16"), COUNT),
        ("fma e4m3fn, by the model", "fewbit",
         lambda: fewbit.fma(a[:len(few)], b[:len(few)], a[:len(few)], result="e4m3fn"), len(few)),
        ("binary32 to e4m3fn, stochastic, by the model", "fewbit",
         lambda: fewbit.encode(few, "e4m3fn", rounding="stochastic_a", random=np.zeros(len(few), int)), len(few)),
    ]
    print(f"`make bench-python`, CPU time of one core of {cpu()}, a million numbers at a time; peers of PyPI: APyTypes "
          f"{apytypes.__version__}, ml_dtypes {ml_dtypes.__version__}, gfloat.\n")
    print("| what | by | million a second |\n|---|---|---|")
    for what, who, run, numbers in rows:
        print(f"| {what} | {who} | {rate(run, numbers, repetitions):.1f} |", flush=True)
    print(f"\nMemory of encode beside its result: {memory(lambda: fewbit.encode(x, 'e4m3fn'), COUNT):.1f} MiB; "
          f"of a transposed array: {memory(lambda: fewbit.encode(x.reshape(1024, -1).T, 'e4m3fn'), COUNT):.1f} MiB")


if __name__ == "__main__":
    main()
