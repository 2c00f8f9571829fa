"""Berkeley SoftFloat as a judge.

SPDX-License-Identifier: Apache-2.0
"""

import functools

import numpy as np
import softfloatpy

from judge import Judge, decoded, running
from operands import SEQUENCES, f64
from servers import NO_ANSWER


class SoftFloat(Judge):
    """Berkeley SoftFloat 3: binary16, binary32 and bfloat16, five modes; sums step by step."""

    name = "softfloatpy"
    ROUNDINGS = {
        "ties_to_even": softfloatpy.RoundingMode.NEAR_EVEN,
        "ties_to_away": softfloatpy.RoundingMode.NEAR_MAX_MAG,
        "toward_zero": softfloatpy.RoundingMode.MIN_MAG,
        "toward_positive": softfloatpy.RoundingMode.MAX,
        "toward_negative": softfloatpy.RoundingMode.MIN,
    }
    TYPES = {
        "binary16": (softfloatpy.Float16, 2),
        "bfloat16": (softfloatpy.BFloat16, 2),
        "binary32": (softfloatpy.Float32, 4),
        "binary64": (softfloatpy.Float64, 8),
    }
    FUNCTIONS = {
        ("convert", ("binary64",), "binary16"): softfloatpy.f64_to_f16,
        ("convert", ("binary64",), "binary32"): softfloatpy.f64_to_f32,
        ("convert", ("binary32",), "binary16"): softfloatpy.f32_to_f16,
        ("convert", ("binary32",), "bfloat16"): softfloatpy.f32_to_bf16,
        ("decode", ("binary16",), None): softfloatpy.f16_to_f64,
        ("decode", ("binary32",), None): softfloatpy.f32_to_f64,
        ("decode", ("bfloat16",), None): lambda x: softfloatpy.f32_to_f64(
            softfloatpy.bf16_to_f32(x)
        ),
        **{
            (op, (name, name), name): getattr(softfloatpy, f"{short}_{op}")
            for op in ("mul", "add", "sub")
            for name, short in (("binary16", "f16"), ("binary32", "f32"))
        },
        ("fma", ("binary16",) * 3, "binary16"): softfloatpy.f16_mul_add,
        ("fma", ("binary32",) * 3, "binary32"): softfloatpy.f32_mul_add,
    }

    def numbers(self, name, codes):
        kind, size = self.TYPES[name]
        data = codes.astype(f">u{size}").tobytes()
        return [kind.from_bytes(data[i : i + size]) for i in range(0, len(data), size)]

    def answer(self, request, inputs):
        function = self.FUNCTIONS.get((request.op, request.operands, request.result))
        if request.op == "decode":
            if function is None:
                return None
            results = [function(x) for x in self.numbers(request.operands[0], inputs[0])]
            codes = np.frombuffer(b"".join(x.to_bytes() for x in results), ">u8")
            return decoded(f64(codes))
        if request.subnormals or request.overflow != "infinity":
            return None
        if request.rounding not in self.ROUNDINGS:
            return None
        softfloatpy.set_rounding_mode(self.ROUNDINGS[request.rounding])
        if (request.op, request.operands, request.result) == ("convert", ("binary64",), "bfloat16"):
            return self._to_bfloat16(inputs[0])
        if request.op in SEQUENCES and {*request.operands} == {request.result}:
            if request.result in ("binary16", "binary32"):
                return running(request, inputs, functools.partial(self._step, request))
        if function is None:
            return None
        operands = [self.numbers(name, codes) for name, codes in zip(request.operands, inputs)]
        return self._codes(request.result, [function(*x) for x in zip(*operands)])

    def _step(self, request, first, sums, operands, _):
        """facc, fmac: the next sums; the first of each is x, or x times y."""
        short = {"binary16": "f16", "binary32": "f32"}[request.result]
        names = (f"{short}_{x}" for x in ("add", "mul", "mul_add"))
        add, mul, mul_add = (getattr(softfloatpy, name) for name in names)
        cases = zip(first, *(self.numbers(request.result, x) for x in (sums, *operands)))
        if request.op == "facc":
            results = [x if is_first else add(s, x) for is_first, s, x in cases]
        else:
            results = [mul(x, y) if is_first else mul_add(x, y, s) for is_first, s, x, y in cases]
        return self._codes(request.result, results)

    def _codes(self, name, numbers):
        size = self.TYPES[name][1]
        data = b"".join(x.to_bytes() for x in numbers)
        return np.frombuffer(data, f">u{size}").astype(np.uint64)

    def _to_bfloat16(self, codes):
        """SoftFloat converts to bfloat16 from binary32 alone."""
        values = f64(codes)
        with np.errstate(all="ignore"):
            single = values.astype(np.float32)
        asked = (single == values) | np.isnan(values)
        numbers = self.numbers("binary32", single[asked].view(np.uint32).astype(np.uint64))
        answers = np.full(len(codes), NO_ANSWER)
        answers[asked] = self._codes("bfloat16", [softfloatpy.f32_to_bf16(x) for x in numbers])
        return answers
