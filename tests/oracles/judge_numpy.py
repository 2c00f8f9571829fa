"""The processor and numpy as a judge.

SPDX-License-Identifier: Apache-2.0
"""

import functools

import numpy as np

from formats import facts
from judge import Judge, decoded, exact_result, running
from operands import elements, f64
from servers import NO_ANSWER


class Numpy(Judge):
    """The processor's binary32 and binary64, numpy's binary16 and integers; exact results."""

    name = "numpy"
    TYPES = {"binary16": np.float16, "binary32": np.float32}
    STORAGE = {"binary16": np.uint16, "binary32": np.uint32}
    INTEGER_ROUNDINGS = {
        "ties_to_even": np.rint,
        "toward_zero": np.trunc,
        "toward_positive": np.ceil,
        "toward_negative": np.floor,
    }

    def values(self, name, codes):
        """Values of a format that numpy knows, or None."""
        f = facts(name)
        if name == "binary64":
            return f64(codes)
        if name in self.TYPES:
            with np.errstate(invalid="ignore"):
                return codes.astype(self.STORAGE[name]).view(self.TYPES[name]).astype(np.float64)
        if f.coding != "int":
            return None
        integers = codes.astype(np.int64)
        if f.is_signed:
            integers = (integers << (64 - f.bits)) >> (64 - f.bits)
        return np.ldexp(integers.astype(np.float64), f.lsb)

    def answer(self, request, inputs):
        if request.subnormals or request.op in ("fma", "fmac", "mxdot", "mxquant", "requant"):
            return None
        values = [
            self.values(name, elements(codes, name, request.lanes))
            for name, codes in zip(request.operands, inputs)
        ]
        if any(value is None for value in values):
            return None
        if request.op == "decode":
            return decoded(values[0])
        if request.result is None:
            return decoded(exact_result(request.op, values)[0] + 0.0)
        if facts(request.result).coding == "int":
            return self._to_integer(request, values)
        is_to_nearest = request.rounding == "ties_to_even" and request.overflow == "infinity"
        if request.result not in self.TYPES or not is_to_nearest:
            return None
        return self._to_float(request, inputs, values)

    def _to_float(self, request, inputs, values):
        kind, storage = self.TYPES[request.result], self.STORAGE[request.result]
        with np.errstate(all="ignore"):
            if request.op == "convert":
                return values[0].astype(kind).view(storage).astype(np.uint64)
            if set(request.operands) != {request.result} or request.op == "dot":
                return None
            if request.op == "facc":
                return running(request, inputs, functools.partial(self._add, request.result))
            x, y = (codes.astype(storage).view(kind) for codes in inputs)
            result = {"mul": np.multiply, "add": np.add, "sub": np.subtract}[request.op](x, y)
            return result.view(storage).astype(np.uint64)

    def _add(self, name, first, sums, operands, _):
        kind, storage = self.TYPES[name], self.STORAGE[name]
        total, addend = (codes.astype(storage).view(kind) for codes in (sums, *operands))
        return np.where(first, addend, total + addend).view(storage).astype(np.uint64)

    def _to_integer(self, request, values):
        if request.op != "convert" or request.overflow != "saturate":
            return None
        if request.rounding not in self.INTEGER_ROUNDINGS:
            return None
        f = facts(request.result)
        asked = ~np.isnan(values[0])
        with np.errstate(all="ignore"):
            units = self.INTEGER_ROUNDINGS[request.rounding](np.ldexp(values[0][asked], -f.lsb))
        least = -(2 ** (f.bits - 1)) if f.is_signed else 0
        integers = np.clip(units, least, least + 2**f.bits - 1).astype(np.int64)
        answers = np.full(len(asked), NO_ANSWER)
        answers[asked] = (integers & (2**f.bits - 1)).astype(np.uint64)
        return answers
