"""Berkeley SoftFloat as a judge.

SPDX-License-Identifier: Apache-2.0
"""

import numpy as np
import softfloatpy

from cases import f64
from judge import Judge, decoded
from servers import NO_ANSWER


class SoftFloat(Judge):
    """Berkeley SoftFloat 3: binary16, binary32 and bfloat16, five modes."""

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
        if request.rounding not in self.ROUNDINGS or request.overflow != "infinity":
            return None
        softfloatpy.set_rounding_mode(self.ROUNDINGS[request.rounding])
        if (request.op, request.operands, request.result) == ("convert", ("binary64",), "bfloat16"):
            return self._to_bfloat16(inputs[0])
        if function is None:
            return None
        operands = [self.numbers(name, codes) for name, codes in zip(request.operands, inputs)]
        return self._codes(request.result, [function(*x) for x in zip(*operands)])

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
