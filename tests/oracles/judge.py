"""What every judge is, and exact arithmetic in binary64 for those that only round.

SPDX-License-Identifier: Apache-2.0
"""

import importlib.metadata

import numpy as np

from cases import u64

QUIET_NAN = np.uint64(0x7FF8000000000000)


def decoded(values):
    """Values as binary64 codes with one NaN."""
    return np.where(np.isnan(values), QUIET_NAN, u64(values))


def exact_result(op, x, y):
    """x op y in binary64, and where that is exact (a sum: Knuth's error term is 0)."""
    with np.errstate(invalid="ignore", over="ignore"):
        if op == "mul":
            return x * y, np.ones(len(x), bool)  # operands of up to 8 significant bits
        y = -y if op == "sub" else y
        total = x + y
        back = total - x
        error = (x - (total - back)) + (y - back)
        return total, (error == 0) | ~np.isfinite(total)


class Judge:
    """answer() gives one code per case, NO_ANSWER where the judge has none, or None where it knows
    nothing about the request."""

    name = ""

    def version(self):
        return importlib.metadata.version(self.name)

    def answer(self, request, inputs):
        raise NotImplementedError
