"""A fast slice of `make verify-oracles` that needs nothing but Python: the model against MPFR.

    slice_test.py FOLDER    # of oracle_model and oracle_mpfr

SPDX-License-Identifier: Apache-2.0
"""

import itertools
import pathlib
import struct
import subprocess
import sys

ROUNDINGS = (
    "ties_to_even",
    "ties_to_away",
    "toward_zero",
    "toward_positive",
    "toward_negative",
    "to_odd",
    "ties_toward_positive",
    "ties_toward_negative",
)
STOCHASTIC = ("stochastic_a", "stochastic_b", "stochastic_c")
ARITHMETIC = ("mul", "add", "sub")
CHOICES = ("max", "min")
# Operators, the rest of the header, roundings, bits of each operand in the order of serve.h.
REQUESTS = (
    (ARITHMETIC, "a=e4m3fn b=e4m3fn result=e4m3fn overflow=nan", ROUNDINGS, (8, 8)),
    (ARITHMETIC, "a=e5m2 b=e5m2 result=e5m2 overflow=infinity", ROUNDINGS, (8, 8)),
    (ARITHMETIC, "a=e3m2 b=e2m3 result=e2m1 overflow=saturate", ROUNDINGS, (6, 6)),
    (ARITHMETIC, "a=binary6p3se b=binary6p2ue result=binary8p4sf overflow=nan", ROUNDINGS, (6, 6)),
    (ARITHMETIC, "a=int6 b=e2m3 result=e4m3fn overflow=saturate", ROUNDINGS, (6, 6)),
    (("convert",), "a=binary16 result=binary8p3se overflow=sat_propagate", ROUNDINGS, (16,)),
    (("convert",), "a=bfloat16 result=e5m2fnuz overflow=onnx_saturate", ROUNDINGS, (16,)),
    (("convert",), "a=e5m2 r=uint8 result=e2m1 overflow=saturate", STOCHASTIC, (8, 8)),
    (("mul",), "a=e3m2 b=e2m3 r=uint3 result=binary4p2se overflow=sat_none", STOCHASTIC, (6, 6, 3)),
    (("convert",), "a=e5m2 result=binary6p3ue overflow=sat_none", ROUNDINGS, (8,)),
    (("convert",), "a=e5m2 result=binary6p3uf overflow=sat_none", ROUNDINGS, (8,)),
    (("convert",), "a=e5m2 result=binary6p3sf overflow=sat_none", ROUNDINGS, (8,)),
    (("mul",), "a=e4m3fn b=e4m3fn result=e4m3fn subnormals=flush", ROUNDINGS, (8, 8)),
    (CHOICES, "a=e4m3fn b=e5m2 result=e5m2 overflow=infinity", ROUNDINGS, (8, 8)),
    (CHOICES, "a=int5 b=binary6p3se result=e3m2 overflow=saturate nan=ignore", ROUNDINGS, (5, 6)),
    (CHOICES, "a=e4m3fnuz b=e4m3fnuz result=e4m3fnuz subnormals=flush nan=ignore", ROUNDINGS, (8, 8)),
    (("fma",), "a=e2m1 b=e2m1 c=e3m2 result=e3m2 overflow=saturate", ROUNDINGS, (4, 4, 6)),
    (("dot",), "a=e2m1 b=e2m1 lanes=2 result=e4m3fn overflow=saturate_nan", ROUNDINGS, (8, 8)),
    (("mxdot",), "a=e2m1 b=e2m1 s=ue2m2fn t=ue2m2fn lanes=1 result=e5m2", ROUNDINGS, (4, 4, 4, 4)),
    (("mxquant",), "a=e4m3fn lanes=2 result=e2m1 scale_policy=even", ("",), (16,)),
    (("requant",), "a=int8 h=uint3 result=int4 overflow=wrap", ROUNDINGS, (8, 3)),
    (("facc",), "a=e4m3fn f=uint1 result=e5m2 overflow=propagate", ROUNDINGS, (8, 1)),
    (("fmac",), "a=e3m2 b=e2m3 f=uint1 result=e4m3fn overflow=saturate", ROUNDINGS, (6, 6, 1)),
)


def requests():
    """Headers of serve.h with their codes: every combination of them."""
    for operators, options, roundings, bits in REQUESTS:
        cases = list(itertools.product(*(range(2**n) for n in bits)))
        codes = b"".join(struct.pack(f"<{len(cases)}Q", *column) for column in zip(*cases))
        for op, rounding in itertools.product(operators, roundings):
            mode = f" rounding={rounding}" if rounding else ""
            yield f"{op} {len(cases)} {options}{mode}", codes, len(cases)


def answers(program):
    """The program's codes to every request."""
    data = b"".join(header.encode() + b"\n" + codes for header, codes, _ in requests())
    reply = subprocess.run([program], input=data, stdout=subprocess.PIPE, check=True).stdout
    for header, _, count in requests():
        status, _, reply = reply.partition(b"\n")
        if status != b"ok":
            sys.exit(f"{program}: '{header}': {status.decode()}")
        yield header, struct.unpack(f"<{count}Q", reply[: 8 * count])
        reply = reply[8 * count :]


def main():
    folder = pathlib.Path(sys.argv[1])
    compared = 0
    for (header, model), (_, mpfr) in zip(
        answers(folder / "oracle_model"), answers(folder / "oracle_mpfr")
    ):
        for i, (ours, theirs) in enumerate(zip(model, mpfr)):
            if ours != theirs:
                sys.exit(f"'{header}': case {i}: fewbit {ours:#x}, MPFR {theirs:#x}")
        compared += len(model)
    print(f"{compared} cases equal")
    return 0 if compared else 1


if __name__ == "__main__":
    sys.exit(main())
