"""What every judge is, and exact arithmetic in binary64 for those that only round.

SPDX-License-Identifier: Apache-2.0
"""

import importlib.metadata

import numpy as np

from operands import STEPS, u64
from servers import NO_ANSWER

QUIET_NAN = np.uint64(0x7FF8000000000000)


def decoded(values):
    """Values as binary64 codes with one NaN."""
    return np.where(np.isnan(values), QUIET_NAN, u64(values))


def _sum(x, y):
    """x + y in binary64, and where that is exact (Knuth's error term is 0)."""
    total = x + y
    back = total - x
    error = (x - (total - back)) + (y - back)
    return total, (error == 0) | ~np.isfinite(total)


def exact_result(op, values):
    """The operator of values in binary64, and where that is exact. Products of two binary32 numbers
    are; values of several lanes have one row each."""
    with np.errstate(invalid="ignore", over="ignore"):
        exact = np.ones(values[0].shape[-1], bool)
        if op in ("decode", "convert", "facc"):
            return values[0], exact
        if op in ("mul", "fmac"):
            return values[0] * values[1], exact
        if op == "fma":
            return _sum(values[0] * values[1], values[2])
        if op in ("add", "sub"):
            return _sum(values[0], -values[1] if op == "sub" else values[1])
        total = np.zeros(len(exact))
        for products in np.atleast_2d(values[0] * values[1]):
            total, is_exact = _sum(total, products)
            exact &= is_exact
        for scale in values[2:]:
            total = total * scale
        return total + 0.0, exact  # a zero is +0


def running(request, inputs, step):
    """Answers of facc and fmac: step(is_first, sums, operands, random) gives the next sums, for all
    sequences at once. A sum after one without an answer has none."""
    shape = (-1, STEPS)
    first = request.port("f", inputs).reshape(shape) != 0
    operands = [codes.reshape(shape) for codes in inputs[: len(request.operands)]]
    random = request.port("r", inputs).reshape(shape) if request.random_bits else None
    sums = np.zeros(first.shape[0], np.uint64)
    answers = np.empty(first.shape, np.uint64)
    for k in range(STEPS):
        lost = (sums == NO_ANSWER) & ~first[:, k]
        r = None if random is None else random[:, k]
        sums = np.where(lost, np.uint64(0), sums)
        sums = step(first[:, k], sums, [codes[:, k] for codes in operands], r)
        sums = np.where(lost, NO_ANSWER, sums)
        answers[:, k] = sums
    return answers.ravel()


class Judge:
    """answer() gives one code per case, NO_ANSWER where the judge has none, or None where it knows
    nothing about the request."""

    name = ""

    def version(self):
        return importlib.metadata.version(self.name)

    def answer(self, request, inputs):
        raise NotImplementedError
