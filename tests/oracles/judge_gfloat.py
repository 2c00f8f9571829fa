"""Graphcore's gfloat as a judge.

SPDX-License-Identifier: Apache-2.0
"""

import functools

import gfloat
import gfloat.block
import gfloat.formats as gfloat_formats
import numpy as np

from formats import facts
from judge import Judge, decoded, exact_result, running
from operands import SEQUENCES, elements, f64, packed
from servers import NO_ANSWER


class Gfloat(Judge):
    """Any float, all modes but to_odd; arithmetic where binary64 has the exact result."""

    name = "gfloat"
    ROUNDINGS = {
        "ties_to_even": gfloat.RoundMode.TiesToEven,
        "ties_to_away": gfloat.RoundMode.TiesToAway,
        "toward_zero": gfloat.RoundMode.TowardZero,
        "toward_positive": gfloat.RoundMode.TowardPositive,
        "toward_negative": gfloat.RoundMode.TowardNegative,
        # The same sums as P3109's: with d the dropped part, d + R / 2^N >= 1, d + (R + 1/2) / 2^N
        # >= 1, and d rounded to N bits. StochasticOdd is none of P3109's.
        "stochastic_a": gfloat.RoundMode.StochasticFastest,
        "stochastic_b": gfloat.RoundMode.StochasticFast,
        "stochastic_c": gfloat.RoundMode.Stochastic,
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

    @staticmethod
    def saturation(result, overflow):
        """gfloat's flag for finite values and for infinite ones, or None where it has no such."""
        f = facts(result)
        kept = (False, False)  # what is too large becomes infinity or NaN
        return {
            "saturate": (True, True),
            "sat_finite": (True, True),
            "sat_propagate": (True, not f.has_infinity),
            "propagate": (True, False),
            "saturate_nan": None if f.has_infinity else (True, False),
            "sat_none": kept if f.has_nan else (True, True),
            "onnx_saturate": (True, f.coding != "fnuz"),
            "onnx_no_saturate": kept if f.has_nan else (True, True),
            f.natural_overflow: kept if f.has_nan else (True, True),
        }.get(overflow)

    def answer(self, request, inputs):
        if request.subnormals or any(self.info(x) is None for x in request.operands):
            return None
        if request.op == "mxquant":
            return self._quantised(request, inputs[0]) if request.scale_policy == "floor" else None
        if request.result is not None:
            if request.rounding not in self.ROUNDINGS or self.info(request.result) is None:
                return None
            if self.saturation(request.result, request.overflow) is None:
                return None
        if request.op in SEQUENCES:
            return running(request, inputs, functools.partial(self._step, request))
        values = [
            self.values(name, elements(codes, name, request.lanes if letter in "ab" else 1))
            for (letter, name), codes in zip(request.ports.items(), inputs)
            if letter not in "hr"
        ]
        if request.op == "decode":
            return decoded(values[0])
        exact, asked = exact_result(request.op, values)
        if request.result is None:
            return np.where(asked, decoded(exact + 0.0), NO_ANSWER)
        is_wide = max(facts(name).bits for name in request.operands) > 8
        if request.op in ("mul", "add", "sub") and is_wide:
            return None  # it would take long
        random = request.port("r", inputs) if request.random_bits else None
        return self._rounded(request, exact, asked & self._has_known_zero(request, exact), random)

    @staticmethod
    def _has_known_zero(request, exact):
        """binary64 adds to nearest, where the zero sum of x and -x is +0."""
        has_sum = request.op not in ("mul", "convert")
        return (exact != 0) | (not has_sum) | (request.rounding != "toward_negative")

    def _step(self, request, first, sums, operands, random):
        values = [self.values(name, codes) for name, codes in zip(request.operands, operands)]
        addend, _ = exact_result(request.op, values)
        total, asked = exact_result("add", [self.values(request.result, sums), addend])
        asked = first | (asked & self._has_known_zero(request, total))
        return self._rounded(request, np.where(first, addend, total), asked, random)

    def _quantised(self, request, codes):
        """Elements, and above them the scale; gfloat's own choice of the scale is floor."""
        name = request.operands[0]
        info = self.info(request.result)
        blocks = self.values(name, elements(codes, name, request.lanes))
        asked = np.isfinite(blocks).all(axis=0)
        columns = blocks[:, asked]
        scales = [gfloat.block.compute_scale_amax(info.emax, column) for column in columns.T]
        rounded = gfloat.round_ndarray(info, columns / scales, sat=True)
        if info.is_twos_complement:  # gfloat has -2, which OCP MX leaves to the implementer
            rounded = np.maximum(rounded, -info.max)
        block = packed(gfloat.encode_ndarray(info, rounded).astype(np.uint64), request.result)
        above = np.uint64(request.lanes * info.k)
        answers = np.full(len(codes), NO_ANSWER)
        scale_codes = gfloat.encode_ndarray(self.info("e8m0"), np.array(scales))
        answers[asked] = block | (scale_codes.astype(np.uint64) << above)
        return answers

    def _rounded(self, request, exact, asked, random):
        info = self.info(request.result)
        if info.num_nans == 0:
            asked &= ~np.isnan(exact)
        if not facts(request.result).is_signed:
            asked &= ~(exact < 0)
        if random is not None:  # gfloat adds random and dropped bits in binary64
            significand = np.ldexp(np.frexp(exact)[0], 24)
            asked &= ~np.isfinite(exact) | (significand == np.floor(significand))
        answers = np.full(len(exact), NO_ANSWER)
        finite, infinite = self.saturation(request.result, request.overflow)
        for saturates in {finite, infinite}:
            where = asked & (np.isinf(exact) if saturates == infinite else ~np.isinf(exact))
            if finite == infinite:
                where = asked
            with np.errstate(all="ignore"):
                rounded = gfloat.round_ndarray(
                    info,
                    exact[where],
                    self.ROUNDINGS[request.rounding],
                    sat=saturates,
                    srbits=None if random is None else random[where].astype(np.int64),
                    srnumbits=request.random_bits,
                )
                answers[where] = gfloat.encode_ndarray(info, rounded)
        return answers
