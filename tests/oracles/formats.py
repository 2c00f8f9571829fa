"""The formats that are judged, and what judges need to know of them; nothing comes from fewbit.

SPDX-License-Identifier: Apache-2.0
"""

import dataclasses
import functools
import re

OCP = ("e4m3fn", "e5m2", "e3m2", "e2m3", "e2m1", "e8m0", "mxint8")
OTHER_8BIT = ("e4m3fnuz", "e5m2fnuz", "e4m3b11fnuz", "e4m3ieee", "e3m4ieee", "ue4m3fn")
WIDE = ("bfloat16", "binary16", "binary32")
# The all-finite ExMy of 3 to 8 bits; e2m1, e2m3 and e3m2 are OCP's.
ALL_FINITE = tuple(
    f"e{x}m{bits - 1 - x}f"
    for bits in range(3, 9)
    for x in range(1, min(5, bits - 1) + 1)
    if (x, bits - 1 - x) not in ((2, 1), (2, 3), (3, 2))
)
INTEGERS = ("int4", "int8", "uint4", "uint8")


def p3109(bits):
    """Every P3109 format of this many bits."""
    return tuple(
        f"binary{bits}p{precision}{sign}{domain}"
        for sign in "su"
        for precision in range(1, bits + (sign == "u"))
        for domain in "ef"
    )


P3109 = tuple(name for bits in range(3, 9) for name in p3109(bits))

ROUNDINGS = (
    "ties_to_even",
    "ties_to_away",
    "toward_zero",
    "toward_positive",
    "toward_negative",
    "to_odd",
)

STOCHASTIC = ("stochastic_a", "stochastic_b", "stochastic_c")
# What ONNX Cast has of these.
ONNX = ("e4m3fn", "e5m2", "e4m3fnuz", "e5m2fnuz", "e2m1", "e2m3", "e3m2")

_WELL_KNOWN = {
    "e2m1": "e2m1f",
    "e2m3": "e2m3f",
    "e3m2": "e3m2f",
    "e5m2": "e5m2ieee",
    "bfloat16": "e8m7ieee",
    "binary16": "e5m10ieee",
    "binary32": "e8m23ieee",
    "binary64": "e11m52ieee",
}


@dataclasses.dataclass(frozen=True)
class Facts:
    """What the name of a format says."""

    bits: int
    precision: int
    bias: int
    is_signed: bool
    coding: str  # f, fn, fnuz, ieee, extended, scale, int
    lsb: int = 0  # of integers
    is_p3109: bool = False

    @property
    def has_infinity(self):
        return self.coding in ("ieee", "extended")

    @property
    def has_nan(self):
        return self.coding not in ("f", "int")

    @property
    def plain_overflows(self):
        """The overflow modes that give every value too large the same."""
        if self.coding == "int":
            return ("saturate", "wrap")
        modes = ["saturate"]
        if self.has_infinity:
            modes.append("infinity")
        if self.has_nan:
            modes.append("nan")
        return tuple(modes)

    @property
    def overflows(self):
        """Every overflow mode of a result of this format; P3109's under their names there."""
        modes = self.plain_overflows
        if self.is_p3109:
            modes = ("sat_finite", "sat_propagate", "sat_none", "nan")
        elif self.has_infinity:
            modes += ("propagate",)
        return (*modes, "saturate_nan") if self.has_nan else modes

    @property
    def natural_overflow(self):
        """What judges without a choice do: infinity, else NaN, else the largest finite value."""
        if self.coding == "int":
            return "saturate"
        return "infinity" if self.has_infinity else ("nan" if self.has_nan else "saturate")


@functools.cache
def facts(name):
    """Facts of a format by fewbit's name."""
    if name == "e8m0":
        return Facts(8, 1, 127, False, "scale")
    if name == "mxint8":
        return Facts(8, 8, 0, True, "int", -6)
    if part := re.fullmatch(r"(u?)int(\d+)", name):
        return Facts(int(part[2]), int(part[2]), 0, not part[1], "int")
    if part := re.fullmatch(r"binary(\d+)p(\d+)([su])([ef])", name):
        bits, precision, is_signed = int(part[1]), int(part[2]), part[3] == "s"
        finite = "fnuz" if is_signed else "fn"
        bias = 2 ** (bits - precision - is_signed)
        coding = "extended" if part[4] == "e" else finite
        return Facts(bits, precision, bias, is_signed, coding, is_p3109=True)
    part = re.fullmatch(r"(u?)e(\d+)m(\d+)(?:b(\d+))?(fnuz|fn|f|ieee)", _WELL_KNOWN.get(name, name))
    if part is None:
        raise ValueError(f"format '{name}' is not known to the oracles")
    x, y, is_signed = int(part[2]), int(part[3]), not part[1]
    bias = int(part[4]) if part[4] else 2 ** (x - 1) - (part[5] != "fnuz")
    return Facts(x + y + is_signed, y + 1, bias, is_signed, part[5])
