"""What is asked: requests, and the operands of each.

SPDX-License-Identifier: Apache-2.0
"""

import dataclasses
import functools

import numpy as np

import formats
from formats import facts

RANDOM_PAIRS = 50000


@dataclasses.dataclass(frozen=True)
class Request:
    """An operator on formats, with its modes. result None: exact, or decoded."""

    op: str
    operands: tuple
    result: str | None = None
    rounding: str = ""
    overflow: str = ""

    def header(self, count):
        """The request of serve.h."""
        words = [self.op, str(count)]
        words += [f"{name}={format_}" for name, format_ in zip("abc", self.operands)]
        for name in ("result", "rounding", "overflow"):
            if value := getattr(self, name):
                words.append(f"{name}={value}")
        return " ".join(words)

    @property
    def formats(self):
        """The format column of the table."""
        if self.op == "decode":
            return self.operands[0]
        if self.op != "convert" and set(self.operands) == {self.result}:
            return self.result
        return f"{' x '.join(self.operands)} -> {self.result or 'exact'}"


def f64(codes):
    """Binary64 codes as numbers."""
    return np.ascontiguousarray(codes, dtype=np.uint64).view(np.float64)


def u64(values):
    """Numbers as binary64 codes."""
    return np.ascontiguousarray(values, dtype=np.float64).view(np.uint64)


# --- Operands ---


def all_codes(name):
    return np.arange(2 ** facts(name).bits, dtype=np.uint64)


def corner_codes(name):
    """Zero, least and largest subnormals and normals, one, infinity, NaN; their neighbours."""
    f = facts(name)
    sign = 1 << (f.bits - 1)
    binade = 1 << (f.precision - 1)
    one = f.bias * binade
    top = sign - binade
    centres = (0, binade, 2 * binade, one, one + binade // 2, sign // 2, top - binade, top)
    codes = {c + d for c in centres for d in (-2, -1, 0, 1, 2) if 0 <= c + d < sign}
    return np.array(sorted(codes | {c | sign for c in codes}), dtype=np.uint64)


def some_codes(name):
    """Every code up to 16 bits, else corner codes and seeded random ones."""
    f = facts(name)
    if f.bits <= 16:
        return all_codes(name)
    random = np.random.default_rng(f.bits).integers(0, 2**f.bits, 2 * RANDOM_PAIRS, np.uint64)
    return np.concatenate([corner_codes(name), random])


@functools.lru_cache(maxsize=4)
def operand_pairs(a, b):
    """All pairs of formats with up to 16 bits together; else corners crossed, random pairs, and
    random pairs that differ in a few low bits and the sign."""
    bits = facts(a).bits
    if bits + facts(b).bits <= 16:
        x, y = np.meshgrid(all_codes(a), all_codes(b), indexing="ij")
        return x.ravel(), y.ravel()
    rng = np.random.default_rng(bits)
    x, y = np.meshgrid(corner_codes(a), corner_codes(b), indexing="ij")
    random_x = rng.integers(0, 2**bits, 2 * RANDOM_PAIRS, np.uint64)
    random_y = rng.integers(0, 2 ** facts(b).bits, 2 * RANDOM_PAIRS, np.uint64)
    if a == b:
        low_bits = rng.integers(0, 2 ** rng.integers(1, bits - 1, RANDOM_PAIRS), dtype=np.uint64)
        signs = rng.integers(0, 2, RANDOM_PAIRS, np.uint64) << np.uint64(bits - 1)
        random_y[:RANDOM_PAIRS] = random_x[:RANDOM_PAIRS] ^ low_bits ^ signs
    return np.concatenate([x.ravel(), random_x]), np.concatenate([y.ravel(), random_y])


def grid_values(name, codes):
    """Values of magnitude codes as if every one were finite and the exponent field had no end."""
    f = facts(name)
    if f.coding == "int":
        return np.ldexp(codes.astype(np.float64), f.lsb)
    fraction_bits = f.precision - 1
    exponent = (codes >> fraction_bits).astype(np.int64)
    fraction = (codes & ((1 << fraction_bits) - 1)).astype(np.float64)
    hidden = float(2**fraction_bits)
    if f.coding == "scale":
        return np.ldexp(hidden + fraction, exponent - f.bias - fraction_bits)
    significand = np.where(exponent == 0, fraction, hidden + fraction)
    return np.ldexp(significand, np.maximum(exponent, 1) - f.bias - fraction_bits)


@functools.lru_cache(maxsize=4)
def dense_values(name):
    """Every value of a format, every midpoint, the binary32 and binary64 numbers just beside both,
    values beyond the largest and below the least, zeros, infinities, NaN; both signs."""
    f = facts(name)
    last = 2 ** (f.bits - f.is_signed)
    if f.bits <= 16:
        codes = np.arange(last + 3, dtype=np.int64)
    else:
        codes = np.unique(some_codes(name).astype(np.int64) % last)
    values = grid_values(name, codes)
    points = np.concatenate([values, (values + grid_values(name, codes + 1)) / 2])
    beside = [np.nextafter(points, side) for side in (0, np.inf)]
    with np.errstate(over="ignore", under="ignore"):
        single = points.astype(np.float32)
        beside += [np.nextafter(single, np.float32(side)) for side in (0, np.inf)]
    least, largest = values[values > 0][0], values[-1]
    extremes = [least / 4, least / 8, 2.0**-149, 5e-324, 2 * largest, 3 * largest, 1e300, np.inf]
    magnitudes = np.unique(np.concatenate([points, *beside, extremes]))
    codes = np.concatenate([u64(magnitudes), u64(-magnitudes), u64(np.array([0.0, -0.0, np.nan]))])
    return (np.unique(codes),)


def operands_of(request):
    """One array of codes per operand."""
    if request.op == "convert" and request.operands[0] == "binary64":
        return dense_values(request.result)
    if len(request.operands) == 1:
        return (some_codes(request.operands[0]),)
    return operand_pairs(*request.operands)


# --- Requests ---

# Operands and result that are not all of one format.
MIXED = (
    ("e4m3fn", "e5m2", "e4m3fn"),
    ("e4m3fn", "e5m2", "binary16"),
    ("e5m2", "e5m2", "bfloat16"),
    ("e4m3fn", "e4m3fn", "bfloat16"),
    ("e4m3fn", "e4m3fn", "binary32"),
    ("e3m2", "e2m3", "e2m1"),
    ("e2m1", "e2m1", "e4m3fn"),
    ("e4m3fn", "e4m3fn", "e2m1"),
    ("binary8p3se", "binary8p4se", "binary8p4se"),
    ("binary8p3se", "binary6p3uf", "binary8p4sf"),
    ("int8", "e4m3fn", "e5m2"),
    ("int8", "int8", "e4m3fn"),
    ("uint8", "int4", "e3m2"),
    ("e4m3fn", "e5m2", "int8"),
    ("e3m2", "int4", "uint8"),
    ("bfloat16", "bfloat16", "binary32"),
)
EXACT = ("e4m3fn", "e5m2", "e3m2", "e2m3", "e2m1", "mxint8", "int4", "int8", "uint8", "e4m3f")
CONVERTED_TO = (*formats.OCP, *formats.OTHER_8BIT, "binary8p3se", "binary8p4uf", "int8")


def _has_no_judge(result, rounding, overflow):
    """Modes of a result that none of the judges has."""
    if result == "binary32":
        return rounding == "to_odd" or overflow != "infinity"
    return result == "e8m0" and rounding == "to_odd"


def _modes(op, operands, result, overflows):
    for overflow in overflows:
        for rounding in formats.ROUNDINGS:
            if not _has_no_judge(result, rounding, overflow):
                yield Request(op, operands, result, rounding, overflow)


def _arithmetic(operands, result, overflows):
    for op in ("mul", "add", "sub"):
        yield from _modes(op, operands, result, overflows)


def requests():
    """Every request, in the order of the table."""
    floats = (*formats.OCP, *formats.OTHER_8BIT, *formats.ALL_FINITE, *formats.WIDE, *formats.P3109)
    for name in (*floats, *formats.INTEGERS):
        f = facts(name)
        yield Request("decode", (name,))
        yield from _modes("convert", ("binary64",), name, f.overflows)
        if name in CONVERTED_TO:
            for source in ("binary16", "bfloat16"):
                yield from _modes("convert", (source,), name, (f.natural_overflow,))
        if f.coding in ("scale", "int"):
            continue
        everything = name in formats.OCP or name in formats.OTHER_8BIT
        overflows = f.overflows if everything else (f.natural_overflow,)
        yield from _arithmetic((name, name), name, overflows)
    for a, b, result in MIXED:
        yield from _arithmetic((a, b), result, facts(result).overflows)
    for name in EXACT:
        for op in ("mul", "add", "sub"):
            yield Request(op, (name, name))
