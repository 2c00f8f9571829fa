"""Graphcore's gfloat as a judge.

SPDX-License-Identifier: Apache-2.0
"""

import gfloat
import gfloat.formats as gfloat_formats
import numpy as np

from cases import f64
from formats import facts
from judge import Judge, decoded, exact_result
from servers import NO_ANSWER


class Gfloat(Judge):
    """Any format, five modes; arithmetic where binary64 has the exact result."""

    name = "gfloat"
    ROUNDINGS = {
        "ties_to_even": gfloat.RoundMode.TiesToEven,
        "ties_to_away": gfloat.RoundMode.TiesToAway,
        "toward_zero": gfloat.RoundMode.TowardZero,
        "toward_positive": gfloat.RoundMode.TowardPositive,
        "toward_negative": gfloat.RoundMode.TowardNegative,
    }
    NAMED = {
        "e4m3fn": gfloat_formats.format_info_ocp_e4m3,
        "e5m2": gfloat_formats.format_info_ocp_e5m2,
        "e3m2": gfloat_formats.format_info_ocp_e3m2,
        "e2m3": gfloat_formats.format_info_ocp_e2m3,
        "e2m1": gfloat_formats.format_info_ocp_e2m1,
        "e8m0": gfloat_formats.format_info_ocp_e8m0,
        "mxint8": gfloat_formats.format_info_ocp_int8,
        "bfloat16": gfloat_formats.format_info_bfloat16,
        "binary16": gfloat_formats.format_info_binary16,
        "binary32": gfloat_formats.format_info_binary32,
        "binary64": gfloat_formats.format_info_binary64,
    }

    @classmethod
    def info(cls, name):
        """gfloat's own description of a format, where it has one; None for integers."""
        f = facts(name)
        if name in cls.NAMED:
            return cls.NAMED[name]
        if f.coding == "int":
            return None
        domain = gfloat.Domain.Extended if f.has_infinity else gfloat.Domain.Finite
        if name.startswith("binary"):
            sign = gfloat.Signedness.Signed if f.is_signed else gfloat.Signedness.Unsigned
            return gfloat_formats.format_info_p3109(f.bits, f.precision, sign, domain)
        high_nans = {"f": 0, "fn": 1, "fnuz": 0, "ieee": 2 ** (f.precision - 1) - 1}[f.coding]
        return gfloat.FormatInfo(
            name,
            k=f.bits,
            precision=f.precision,
            bias=f.bias,
            is_signed=f.is_signed,
            domain=domain,
            has_nz=f.is_signed and f.coding != "fnuz",
            num_high_nans=high_nans,
            has_subnormals=True,
            is_twos_complement=False,
        )

    def values(self, name, codes):
        if name == "binary64":
            return f64(codes)
        return gfloat.decode_ndarray(self.info(name), codes.astype(np.int64))

    def answer(self, request, inputs):
        if any(self.info(name) is None for name in request.operands):
            return None
        values = [self.values(name, codes) for name, codes in zip(request.operands, inputs)]
        if request.op == "decode":
            return decoded(values[0])
        if request.result is None:
            result, is_exact = exact_result(request.op, *values)
            return np.where(is_exact, decoded(result + 0.0), NO_ANSWER)
        if request.rounding not in self.ROUNDINGS or self.info(request.result) is None:
            return None
        saturates = request.overflow == "saturate"
        if not saturates and request.overflow != facts(request.result).natural_overflow:
            return None
        asked = np.ones(len(inputs[0]), bool)
        exact = values[0]
        if request.op != "convert":
            if max(facts(name).bits for name in request.operands) > 8:
                return None
            exact, asked = exact_result(request.op, *values)
            # binary64 adds to nearest, where the zero sum of x and -x is +0.
            asked &= (exact != 0) | (request.op == "mul") | (request.rounding != "toward_negative")
        return self._rounded(request, exact, asked, saturates)

    def _rounded(self, request, exact, asked, saturates):
        info = self.info(request.result)
        if info.num_nans == 0:
            asked &= ~np.isnan(exact)
        if not facts(request.result).is_signed:
            asked &= ~(exact < 0)
        answers = np.full(len(exact), NO_ANSWER)
        with np.errstate(all="ignore"):
            rounded = gfloat.round_ndarray(
                info, exact[asked], self.ROUNDINGS[request.rounding], sat=saturates
            )
            answers[asked] = gfloat.encode_ndarray(info, rounded)
        return answers
