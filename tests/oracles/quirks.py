"""What judges and fewbit are known to see differently, each with its reason.

A difference outside this list fails. So does an entry that is too wide: the cases it names must be
exactly those that differ. docs/oracles.md explains the entries from the standards' texts.

SPDX-License-Identifier: Apache-2.0
"""

import dataclasses
from collections.abc import Callable

import gfloat
import gfloat.formats
import ml_dtypes
import numpy as np
import onnx

from formats import facts
from operands import grid_values


@dataclasses.dataclass(frozen=True)
class Case:
    """All cases of one request before one judge. exact: the operator's result before rounding, in
    binary64; NaN where binary64 does not have it."""

    judge: str
    request: object
    exact: np.ndarray
    answers: np.ndarray


@dataclasses.dataclass(frozen=True)
class Difference:
    """where(case): the cases that differ for this reason, or None where it does not apply.
    is_complete: every one of them differs; else the judge's answer means nothing there."""

    key: str
    reason: str
    where: Callable
    is_complete: bool = True


def _max_finite(name):
    """Magnitude code of the largest finite value."""
    f = facts(name)
    top = 2 ** (f.bits - f.is_signed) - 1
    if f.coding == "ieee":
        return top - 2 ** (f.precision - 1)
    if f.coding == "extended":
        return top - (1 if f.is_signed else 2)
    return top - (f.coding in ("fn", "scale"))


def _clamps(request):
    """A finite value too large becomes the largest one, whatever the rounding direction."""
    return request.overflow not in ("infinity", "nan", "sat_none")


def _directed_overflow(case):
    request = case.request
    if case.judge not in ("apfloat", "gfloat") or request.overflow != "nan":
        return None
    away = {
        "toward_zero": np.zeros(len(case.exact), bool),
        "toward_positive": case.exact > 0,
        "toward_negative": case.exact < 0,
    }.get(request.rounding)
    if away is None:
        return None
    next_value = grid_values(request.result, np.array([_max_finite(request.result) + 1]))[0]
    magnitude = np.abs(case.exact)
    return np.isfinite(magnitude) & (magnitude >= next_value) & ~away


def _tie_at_precision_one(case):
    """Ties whose lower neighbour has an even code."""
    request = case.request
    if request.result is None or case.judge not in ("mpfr", "apfloat", "ml-dtypes"):
        return None
    f = facts(request.result)
    if f.precision != 1 or f.coding == "int" or request.rounding != "ties_to_even":
        return None
    with np.errstate(invalid="ignore"):
        significand, exponent = np.frexp(np.abs(case.exact))
    lower = exponent - 1 + f.bias
    last = _max_finite(request.result) - _clamps(request)
    least = 0 if f.coding == "scale" else 1
    differ = (significand == 0.75) & (lower % 2 == 0) & (lower >= least) & (lower <= last)
    return differ & (f.is_signed | (case.exact > 0))


def _scale_below_least(case):
    if case.judge != "gfloat" or case.request.result != "e8m0":
        return None
    return case.answers > 0xFF


def _scale_not_positive(case):
    if case.judge != "ml-dtypes" or case.request.result != "e8m0":
        return None
    return np.isfinite(case.exact) & (case.exact <= 0)


def _scale_just_above_least(case):
    if case.judge != "ml-dtypes" or case.request.result != "e8m0":
        return None
    return (case.exact > 2.0**-127) & (case.exact < 1.5 * 2.0**-127)


def _scale_sign_dropped(case):
    if case.judge != "apfloat" or case.request.result != "e8m0":
        return None
    return case.exact < 0


def _nan_without_code(case):
    result = case.request.result
    if case.judge not in ("ml-dtypes", "onnx") or result is None or facts(result).has_nan:
        return None
    return np.isnan(case.exact)


def _onnx_infinity(case):
    request = case.request
    if case.judge != "onnx" or request.overflow != "onnx_saturate":
        return None
    return np.isinf(case.exact) if facts(request.result).coding == "fnuz" else None


def _onnx_scale_infinity(case):
    if case.judge != "onnx" or case.request.result != "e8m0":
        return None
    return np.isposinf(case.exact)


def _onnx_scale_least(case):
    if case.judge != "onnx" or case.request.result != "e8m0":
        return None
    return (case.exact > 0) & (case.exact <= 2.0**-127)


DIFFERENCES = (
    Difference(
        "directed-overflow",
        "apfloat and gfloat extend IEEE 754's directed overflow to formats without infinity: too "
        "large a value that is rounded toward zero gives the largest finite one. fewbit's overflow "
        "mode nan gives NaN in every rounding mode",
        _directed_overflow,
    ),
    Difference(
        "tie-at-precision-1",
        "precision 1 leaves no even significand: mpfr, apfloat and ml-dtypes round a tie to the "
        "larger magnitude, fewbit and gfloat to the even code, as P3109 asks",
        _tie_at_precision_one,
    ),
    Difference(
        "scale-below-least",
        "gfloat encodes a value below the least of e8m0 as a number outside of 8 bits; fewbit "
        "gives the least value",
        _scale_below_least,
    ),
    Difference(
        "scale-not-positive",
        "e8m0 has neither zero nor sign and OCP MX defines no conversion to it: ml-dtypes gives "
        "NaN for zero and negative values, fewbit the least value",
        _scale_not_positive,
    ),
    Difference(
        "scale-above-least",
        "between the two least values of e8m0 ml-dtypes rounds up even what is nearer to the lower "
        "one (binary32 is subnormal there)",
        _scale_just_above_least,
    ),
    Difference(
        "scale-sign-dropped",
        "e8m0 has no sign: apfloat gives codes without meaning for negative values, fewbit the "
        "least value",
        _scale_sign_dropped,
        is_complete=False,
    ),
    Difference(
        "nan-without-code",
        "OCP MX leaves NaN into a format without NaN to the implementation: ml-dtypes gives zero "
        "and so does onnx, which calls it; fewbit the largest value, as ONNX's text on e2m1 has it",
        _nan_without_code,
    ),
    Difference(
        "onnx-infinity-fnuz",
        "infinity into an FNUZ format, saturating: NaN in the table of ONNX Cast 19, 21 and 23, as "
        "in fewbit; the largest value in that of Cast 24 and 25, and in the reference",
        _onnx_infinity,
    ),
    Difference(
        "onnx-scale-infinity",
        "infinity into e8m0, saturating: the largest value in ONNX Cast's table, as in fewbit; NaN "
        "in its reference",
        _onnx_scale_infinity,
    ),
    Difference(
        "onnx-scale-least",
        "the least value of e8m0 and what is below it, saturating: the least value in ONNX Cast's "
        "table, as in fewbit; its reference gives the one above (binary32 is subnormal there)",
        _onnx_scale_least,
    ),
)


# --- Questions that a judge is not asked, with a probe that shows why ---


@dataclasses.dataclass(frozen=True)
class Probe:
    """occurs(): the judge still has the quirk for which it is not asked."""

    key: str
    reason: str
    occurs: Callable


def _ml_dtypes_rounds_twice():
    value = np.array([1.0625 + 2.0**-40])  # just above the tie of 1 and 1.125
    return value.astype(ml_dtypes.float8_e4m3fn).view(np.uint8)[0] == 0x38


def _gfloat_refuses_nan():
    try:
        gfloat.round_ndarray(gfloat.formats.format_info_ocp_e2m1, np.array([np.nan]), sat=True)
        gfloat.encode_ndarray(gfloat.formats.format_info_ocp_e2m1, np.array([np.nan]))
    except AssertionError:
        return True
    return False


def _gfloat_keeps_negative():
    info = gfloat.formats.format_info_p3109(8, 4, gfloat.Signedness.Unsigned)
    return gfloat.round_ndarray(info, np.array([-1.0]), sat=True)[0] == -1.0


def _onnx_tables_differ():
    """Cast's row for infinity: columns e4m3fn, e4m3fnuz, e5m2, e5m2fnuz of the saturating table."""
    rows = []
    for version in (19, 21, 23, 24, 25):
        lines = onnx.defs.get_schema("Cast", version).doc.splitlines()
        row = next(line for line in lines if line.startswith("| Inf"))
        rows.append([cell.strip() for cell in row.split("|")[2:6]])
    largest = ["FLT_MAX"] * 4
    return rows == [["FLT_MAX", "NaN", "FLT_MAX", "NaN"]] * 3 + [largest] * 2


def _onnx_scale_table():
    lines = onnx.defs.get_schema("Cast", 25).doc.splitlines()
    return {("Inf", "E8M0_MAX"), ("x < E8M0_MIN", "E8M0_MIN"), ("0", "0")} <= {
        tuple(cell.strip() for cell in line.split("|")[1:3]) for line in lines if "|" in line
    }


def _gfloat_rounds_the_sum():
    """d + R / 2^N just below 1 becomes 1."""
    info, value = gfloat.formats.format_info_ocp_e4m3, np.array([1 + (2.0**-8 - 2.0**-52) / 8])
    mode = gfloat.RoundMode.StochasticFastest
    random = np.array([255])
    return gfloat.round_ndarray(info, value, mode, srbits=random, srnumbits=8)[0] == 1.125


PROBES = (
    Probe(
        "onnx-tables",
        "the text of ONNX Cast that onnx-infinity-fnuz cites",
        _onnx_tables_differ,
    ),
    Probe(
        "onnx-scale-table",
        "the text of ONNX Cast that onnx-scale-infinity and onnx-scale-least cite",
        _onnx_scale_table,
    ),
    Probe(
        "stochastic-sum",
        "gfloat adds random and dropped bits in binary64, which can round up to the next value: it "
        "is asked where 24 bits hold the exact result",
        _gfloat_rounds_the_sum,
    ),
    Probe(
        "double-rounding",
        "ml-dtypes converts binary64 through binary32: it is asked about binary32 numbers",
        _ml_dtypes_rounds_twice,
    ),
    Probe(
        "no-nan-code",
        "gfloat refuses to encode NaN in a format without it: it is not asked",
        _gfloat_refuses_nan,
    ),
    Probe(
        "unsigned-negative",
        "gfloat lets a negative number through into an unsigned format: it is not asked",
        _gfloat_keeps_negative,
    ),
)
