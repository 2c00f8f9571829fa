"""The judges: each answers the requests that it knows about, with codes as fewbit's model does.

To add one, write a class with a name, a version and an answer, and list it in make_judges().

SPDX-License-Identifier: Apache-2.0
"""

from formats import facts
from judge import Judge
from judge_gfloat import Gfloat
from judge_ml_dtypes import MlDtypes
from judge_numpy import Numpy
from judge_onnx import Onnx
from judge_softfloat import SoftFloat


class ServerJudge(Judge):
    """One of the C++ programs."""

    def __init__(self, name, server):
        self.name = name
        self._server = server

    def version(self):
        return self._server.version()

    def knows(self, request):
        raise NotImplementedError

    def answer(self, request, inputs):
        return self._server.ask(request, inputs) if self.knows(request) else None


class Mpfr(ServerJudge):
    """Exact results, rounded by MPFR; overflow rules of docs/formats.md written a second time."""

    def knows(self, request):
        return request.op == "decode" or request.result is not None


class Apfloat(ServerJudge):
    """LLVM: its formats, five modes, no choice of overflow."""

    FORMATS = {
        *("e4m3fn", "e5m2", "e4m3fnuz", "e5m2fnuz", "e4m3b11fnuz", "e4m3ieee", "e3m4ieee"),
        *("e8m0", "e3m2", "e2m3", "e2m1", "bfloat16", "binary16", "binary32", "binary64"),
    }

    def knows(self, request):
        if not self.FORMATS.issuperset(request.operands) or request.subnormals:
            return False
        if request.op == "decode":
            return True
        return (
            request.op in ("convert", "mul", "add", "sub", "fma")
            and request.result in self.FORMATS
            and request.rounding != "to_odd"
            and not request.is_stochastic
            and request.overflow in (facts(request.result).natural_overflow, "onnx_no_saturate")
        )


def make_judges(servers):
    """All judges; servers: the running C++ programs by name."""
    return [
        Mpfr("mpfr", servers["mpfr"]),
        Apfloat("apfloat", servers["apfloat"]),
        Gfloat(),
        MlDtypes(),
        Onnx(),
        SoftFloat(),
        Numpy(),
    ]
