"""What is asked: the requests, in the order of the table.

SPDX-License-Identifier: Apache-2.0
"""

import dataclasses
import functools

import formats
from formats import facts
from operands import SEQUENCES


@dataclasses.dataclass(frozen=True)
class Request:
    """An operator on formats, with its modes. result None: exact, or decoded."""

    op: str
    operands: tuple
    result: str | None = None
    rounding: str = ""
    overflow: str = ""
    lanes: int = 1
    random_bits: int = 0
    shift_bits: int = 0
    scale: str = ""
    subnormals: str = ""
    scale_policy: str = ""

    @functools.cached_property
    def ports(self):
        """Formats of all inputs by letter, as serve.h has them and in its order."""
        ports = dict(zip("abc", self.operands))
        if self.op in SEQUENCES:
            ports["f"] = "uint1"
        if self.shift_bits:
            ports["h"] = f"uint{self.shift_bits}"
        if self.random_bits:
            ports["r"] = f"uint{self.random_bits}"
        if self.scale:
            ports["s"] = ports["t"] = self.scale
        return ports

    def port(self, letter, inputs):
        """The input of this letter."""
        return inputs[list(self.ports).index(letter)]

    def header(self, count):
        """The request of serve.h."""
        words = [self.op, str(count), *(f"{name}={value}" for name, value in self.ports.items())]
        for name in ("result", "rounding", "overflow", "subnormals", "scale_policy"):
            if value := getattr(self, name):
                words.append(f"{name}={value}")
        if self.lanes > 1:
            words.append(f"lanes={self.lanes}")
        return " ".join(words)

    @property
    def formats(self):
        """The format column of the table."""
        if self.op == "decode":
            return self.operands[0]
        if self.op != "convert" and set(self.operands) == {self.result}:
            return self.result
        return f"{' x '.join(self.operands)} -> {self.result or 'exact'}"

    @property
    def is_stochastic(self):
        return self.rounding in formats.STOCHASTIC


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
P3109_8BIT = formats.p3109(8)
CONVERTED_TO = (*formats.OCP, *formats.OTHER_8BIT, *P3109_8BIT, "int8", "binary16", "bfloat16")
# From binary16 also with every value of 2 random bits.
CROSSED = (*formats.OCP, *formats.OTHER_8BIT, "binary8p1se", "binary8p3se", "binary8p4uf", "int8")
SOURCES = ("binary16", "bfloat16", "binary32")
# Operands a, b, c and result.
FMA = (
    *((name,) * 4 for name in ("e2m1", "e3m2", "e4m3fn", "e5m2", "binary8p3se", "binary8p4sf")),
    *((name,) * 4 for name in ("bfloat16", "binary16", "binary32")),
    ("e4m3fn", "e5m2", "binary16", "binary16"),
    ("e4m3fn", "e4m3fn", "binary32", "binary32"),
    ("e2m1", "e2m1", "binary16", "e4m3fn"),
    ("int8", "e4m3fn", "int8", "e5m2"),
    ("int8", "int8", "int8", "int8"),
    ("bfloat16", "bfloat16", "binary32", "binary32"),
)
# Elements a and b, lanes, result.
DOT = (
    ("e4m3fn", "e4m3fn", 4, "e4m3fn"),
    ("e4m3fn", "e5m2", 8, "binary16"),
    ("e5m2", "e5m2", 8, "bfloat16"),
    ("e2m1", "e2m1", 16, "e4m3fn"),
    ("e3m2", "e2m3", 3, "e5m2"),
    ("binary8p3se", "binary8p4sf", 4, "binary8p4se"),
    ("int8", "e4m3fn", 4, "int8"),
    ("bfloat16", "bfloat16", 4, "binary32"),
    ("e4m3fn", "e4m3fn", 8, "binary32"),
)
# Elements a and b, lanes.
MXDOT = (
    ("e4m3fn", "e4m3fn", 8),
    ("e5m2", "e3m2", 4),
    ("e2m1", "e2m1", 16),
    ("mxint8", "mxint8", 8),
)
EXACT_DOT = (
    ("e4m3fn", "e4m3fn", 4),
    ("e2m1", "e2m1", 16),
    ("e5m2", "e5m2", 2),
    ("int8", "int8", 8),
)
# Addends, or factors; the sum.
RUNNING = (
    (("e4m3fn",), "binary16"),
    (("e5m2",), "e5m2"),
    (("e4m3fn",), "e4m3fn"),
    (("bfloat16",), "bfloat16"),
    (("binary16",), "binary16"),
    (("binary32",), "binary32"),
    (("bfloat16",), "binary32"),
    (("e4m3fn", "e4m3fn"), "binary16"),
    (("e4m3fn", "e5m2"), "bfloat16"),
    (("e2m1", "e2m1"), "e4m3fn"),
    (("binary16", "binary16"), "binary16"),
    (("binary32", "binary32"), "binary32"),
    (("binary8p3se", "binary8p4se"), "binary8p3se"),
)
REQUANT = (
    (("int20",), "int8"),
    (("int24", "uint8"), "int8"),
    (("int16", "int8"), "e4m3fn"),
    (("uint16",), "e2m1"),
)
# Numbers, lanes, elements.
MXQUANT = (
    ("bfloat16", 4, "e4m3fn"),
    ("bfloat16", 4, "e5m2"),
    ("bfloat16", 4, "e3m2"),
    ("binary16", 4, "e2m3"),
    ("bfloat16", 4, "e2m1"),
    ("binary32", 2, "mxint8"),
    ("binary32", 2, "e4m3fn"),
)
FLUSHED = (
    ("mul", ("e4m3fn", "e4m3fn"), "e4m3fn"),
    ("add", ("e5m2", "e5m2"), "e5m2"),
    ("mul", ("binary8p3se", "binary8p3se"), "binary8p3se"),
    ("fma", ("binary16",) * 3, "binary16"),
    ("convert", ("binary16",), "e4m3fn"),
    ("convert", ("bfloat16",), "e4m3fnuz"),
)


def _modes(op, operands, result, overflows, roundings=formats.ROUNDINGS, **options):
    for overflow in overflows:
        for rounding in roundings:
            yield Request(op, operands, result, rounding, overflow, **options)


def _arithmetic(operands, result, overflows):
    for op in ("mul", "add", "sub"):
        yield from _modes(op, operands, result, overflows)


def _narrow_conversions(name):
    """From the wide floats: every rounding; ONNX's two ways; stochastic."""
    natural = (facts(name).natural_overflow,)
    for source in SOURCES:
        if source == name:
            continue
        yield from _modes("convert", (source,), name, natural)
        if name == "e8m0":
            yield Request("convert", (source,), name, "toward_positive", "onnx_saturate")
        if name in formats.ONNX:
            both = ("onnx_saturate", "onnx_no_saturate")
            yield from _modes("convert", (source,), name, both, ("ties_to_even",))
        if source != "binary32":
            for bits in (8, 2) if source == "binary16" and name in CROSSED else (8,):
                options = {"roundings": formats.STOCHASTIC, "random_bits": bits}
                yield from _modes("convert", (source,), name, natural, **options)


def _of_format(name):
    """Decode, convert and arithmetic in one format."""
    f = facts(name)
    yield Request("decode", (name,))
    yield from _modes("convert", ("binary64",), name, f.overflows)
    if name in CONVERTED_TO:
        yield from _narrow_conversions(name)
    if f.coding in ("scale", "int"):
        return
    everything = name in formats.OCP or name in formats.OTHER_8BIT
    overflows = f.plain_overflows if everything else (f.natural_overflow,)
    yield from _arithmetic((name, name), name, overflows)


def _sums():
    """fma, dot, mxdot, facc, fmac."""
    for *operands, result in FMA:
        overflows = (facts(result).natural_overflow,)
        yield from _modes("fma", tuple(operands), result, overflows)
        options = {"roundings": formats.STOCHASTIC, "random_bits": 8}
        yield from _modes("fma", tuple(operands), result, overflows, **options)
    for a, b, lanes, result in DOT:
        overflows = facts(result).plain_overflows
        yield from _modes("dot", (a, b), result, overflows, lanes=lanes)
    for a, b, lanes in MXDOT:
        for scale, result in (("e8m0", "bfloat16"), ("e8m0", "binary32"), ("ue4m3fn", "binary16")):
            yield from _modes("mxdot", (a, b), result, ("infinity",), lanes=lanes, scale=scale)
    for name in ("e2m1", "e4m3fn", "e5m2"):
        yield Request("fma", (name,) * 3)
    for a, b, lanes in EXACT_DOT:
        yield Request("dot", (a, b), lanes=lanes)
    for operands, result in RUNNING:
        op = SEQUENCES[len(operands) - 1]
        yield from _modes(op, operands, result, ("saturate",))
        # Directed rounding and NaN for overflow: quirks.py's directed-overflow, which would add up.
        roundings = formats.ROUNDINGS if facts(result).has_infinity else formats.ROUNDINGS[:2]
        yield from _modes(op, operands, result, (facts(result).natural_overflow,), roundings)
        options = {"roundings": formats.STOCHASTIC, "random_bits": 8}
        yield from _modes(op, operands, result, ("saturate",), **options)


def requests():
    """Every request, in the order of the table."""
    floats = (*formats.OCP, *formats.OTHER_8BIT, *formats.ALL_FINITE, *formats.WIDE, *formats.P3109)
    for name in (*floats, *formats.INTEGERS):
        yield from _of_format(name)
    for a, b, result in MIXED:
        yield from _arithmetic((a, b), result, facts(result).plain_overflows)
    for name in EXACT:
        for op in ("mul", "add", "sub"):
            yield Request(op, (name, name))
    yield from _sums()
    for operands, result in REQUANT:
        overflows = facts(result).plain_overflows
        yield from _modes("requant", operands, result, overflows, shift_bits=5)
    for number, lanes, result in MXQUANT:
        for policy in ("floor", "ceil", "even"):
            yield Request("mxquant", (number,), result, lanes=lanes, scale_policy=policy)
    for op, operands, result in FLUSHED:
        for subnormals in ("flush_inputs", "flush_outputs", "flush"):
            overflows = (facts(result).natural_overflow,)
            yield from _modes(op, operands, result, overflows, subnormals=subnormals)
