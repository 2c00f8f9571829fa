"""fewbit: bit-exact minifloat and integer arithmetic on NumPy arrays, and the hardware that does it.

    >>> import numpy as np, fewbit
    >>> fewbit.quantize(np.array([0.3, -1.1, 1000.0]), "e4m3fn", overflow="saturate")
    array([ 3.125e-01, -1.125e+00,  4.480e+02])
    >>> x = fewbit.array([1.5, 2.0], "e2m1")
    >>> fewbit.mul(x, x, result="e4m3fn").values
    array([2.25, 4.  ], dtype=float32)

Everything that is computed here is what the emitted SystemVerilog computes: the same model that
`fewbit verify` compares it with. Words and defaults are those of the command line (`fewbit help emit`).
"""
# SPDX-License-Identifier: Apache-2.0
from ._arrays import Array, array, decode, encode, quantize
from ._fewbit import Format, RequestError, __version__
from ._formats import formats, operators
from ._operators import (acc, add, convert, dot, facc, fma, fmac, mac, maximum, minimum, mul, mxdot,
                         mxquant, requant, squant, sub)
from ._tools import command, cost, emit, results, verify

__all__ = [
    "Array", "Format", "RequestError", "acc", "add", "array", "command", "convert", "cost", "decode",
    "dot", "emit", "encode", "facc", "fma", "fmac", "formats", "mac", "maximum", "minimum", "mul",
    "mxdot", "mxquant", "operators", "quantize", "requant", "results", "squant", "sub",
    "verify"
]
