"""A fast slice of `make verify-oracles` that needs nothing but Python: the model against MPFR.

    slice_test.py FOLDER    # of oracle_model and oracle_mpfr

SPDX-License-Identifier: Apache-2.0
"""

import itertools
import pathlib
import struct
import subprocess
import sys

ROUNDINGS = ("ties_to_even", "ties_to_away", "toward_zero", "toward_positive", "toward_negative")
# Bits of the operands; operands and result; overflow.
REQUESTS = (
    (8, "a=e4m3fn b=e4m3fn result=e4m3fn", "nan"),
    (8, "a=e5m2 b=e5m2 result=e5m2", "infinity"),
    (6, "a=e3m2 b=e2m3 result=e2m1", "saturate"),
    (6, "a=binary6p3se b=binary6p2ue result=binary8p4sf", "nan"),
    (6, "a=int6 b=e2m3 result=e4m3fn", "saturate"),
)


def pack(codes):
    return struct.pack(f"<{len(codes)}Q", *codes)


def requests():
    """Headers of serve.h with their codes."""
    for (bits, formats, overflow), op in itertools.product(REQUESTS, ("mul", "add", "sub")):
        pairs = list(itertools.product(range(2**bits), repeat=2))
        codes = pack([a for a, _ in pairs]) + pack([b for _, b in pairs])
        for rounding in (*ROUNDINGS, "to_odd"):
            header = f"{op} {len(pairs)} {formats} rounding={rounding} overflow={overflow}"
            yield header, codes, len(pairs)


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
