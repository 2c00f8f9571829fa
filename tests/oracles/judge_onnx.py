"""ONNX's reference implementation of Cast as a judge.

SPDX-License-Identifier: Apache-2.0
"""

import ml_dtypes
import numpy as np
from onnx import TensorProto
from onnx.reference.ops import op_cast

from judge import Judge
from servers import NO_ANSWER


class Onnx(Judge):
    """Cast to the formats of ONNX, saturating or not, to nearest; to its scale upward."""

    name = "onnx"
    TYPES = {
        "e4m3fn": TensorProto.FLOAT8E4M3FN,
        "e5m2": TensorProto.FLOAT8E5M2,
        "e4m3fnuz": TensorProto.FLOAT8E4M3FNUZ,
        "e5m2fnuz": TensorProto.FLOAT8E5M2FNUZ,
        "e2m1": TensorProto.FLOAT4E2M1,
        "e2m3": TensorProto.FLOAT6E2M3,
        "e3m2": TensorProto.FLOAT6E3M2,
        "e8m0": TensorProto.FLOAT8E8M0,
    }
    SOURCES = {
        "binary16": (np.uint16, np.float16),
        "bfloat16": (np.uint16, ml_dtypes.bfloat16),
        "binary32": (np.uint32, np.float32),
    }
    SATURATES = {"onnx_saturate": True, "onnx_no_saturate": False}

    def answer(self, request, inputs):
        if request.op != "convert" or request.operands[0] not in self.SOURCES:
            return None
        if request.result not in self.TYPES or request.overflow not in self.SATURATES:
            return None
        round_mode = {"ties_to_even": "nearest", "toward_positive": "up"}[request.rounding]
        storage, kind = self.SOURCES[request.operands[0]]
        numbers = inputs[0].astype(storage).view(kind)
        to = self.TYPES[request.result]
        with np.errstate(all="ignore"):
            cast = op_cast.cast_to(numbers, to, self.SATURATES[request.overflow], round_mode)
            answers = cast.view(np.uint8).astype(np.uint64)
            if request.result == "e8m0":  # Cast leaves negative values open
                answers[np.signbit(numbers) & ~np.isnan(numbers)] = NO_ANSWER
        return answers
