"""ml_dtypes as a judge.

SPDX-License-Identifier: Apache-2.0
"""

import functools

import ml_dtypes
import numpy as np

from formats import facts
from judge import Judge, decoded, running
from operands import f64
from servers import NO_ANSWER


class MlDtypes(Judge):
    """numpy's extension types: ties to even, no choice of overflow, arithmetic through binary32."""

    name = "ml-dtypes"
    TYPES = {
        "e4m3fn": ml_dtypes.float8_e4m3fn,
        "e5m2": ml_dtypes.float8_e5m2,
        "e4m3fnuz": ml_dtypes.float8_e4m3fnuz,
        "e5m2fnuz": ml_dtypes.float8_e5m2fnuz,
        "e4m3b11fnuz": ml_dtypes.float8_e4m3b11fnuz,
        "e4m3ieee": ml_dtypes.float8_e4m3,
        "e3m4ieee": ml_dtypes.float8_e3m4,
        "e3m2": ml_dtypes.float6_e3m2fn,
        "e2m3": ml_dtypes.float6_e2m3fn,
        "e2m1": ml_dtypes.float4_e2m1fn,
        "e8m0": ml_dtypes.float8_e8m0fnu,
        "bfloat16": ml_dtypes.bfloat16,
        "binary16": np.float16,
    }

    def numbers(self, name, codes):
        storage = {8: np.uint8, 16: np.uint16, 32: np.uint32}[8 * -(-facts(name).bits // 8)]
        return codes.astype(storage).view(self.TYPES.get(name, np.float32))

    def codes(self, numbers):
        return numbers.view(np.uint16 if numbers.itemsize == 2 else np.uint8).astype(np.uint64)

    def answer(self, request, inputs):
        if request.op == "decode":
            name = request.operands[0]
            if name not in self.TYPES or name == "binary16":
                return None
            with np.errstate(invalid="ignore"):
                return decoded(self.numbers(name, inputs[0]).astype(np.float64))
        if request.rounding != "ties_to_even" or request.result not in self.TYPES:
            return None
        natural = (facts(request.result).natural_overflow, "onnx_no_saturate")
        if request.result == "binary16" or request.overflow not in natural or request.subnormals:
            return None
        with np.errstate(all="ignore"):
            if request.op == "convert":
                return self._convert(request, inputs[0])
            if set(request.operands) != {request.result}:
                return None
            if request.op == "facc":
                return running(request, inputs, functools.partial(self._add, request.result))
            if request.op not in ("mul", "add", "sub"):
                return None
            x, y = (self.numbers(request.result, codes) for codes in inputs)
            return self.codes({"mul": x.__mul__, "add": x.__add__, "sub": x.__sub__}[request.op](y))

    def _add(self, name, first, sums, operands, _):
        total, addend = (self.numbers(name, codes) for codes in (sums, *operands))
        return self.codes(np.where(first, addend, total + addend))

    def _convert(self, request, codes):
        to = self.TYPES[request.result]
        if request.operands[0] != "binary64":
            return self.codes(self.numbers(request.operands[0], codes).astype(to))
        # From binary64 it rounds twice (quirks.py), so it is asked about binary32 numbers.
        values = f64(codes)
        single = values.astype(np.float32)
        asked = (single == values) | np.isnan(values)
        answers = np.full(len(codes), NO_ANSWER)
        answers[asked] = self.codes(single[asked].astype(to))
        return answers
