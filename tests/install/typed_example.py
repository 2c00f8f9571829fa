"""A typed program of a user: mypy --strict must agree with every line, and to the two that are marked it must not."""
# SPDX-License-Identifier: Apache-2.0
import numpy as np

import fewbit

x = np.array([0.3, -1.1, 1000.0])
bits: int = fewbit.Format("e4m3fn").bits
a = fewbit.array(x, "e4m3fn")
shape: tuple[int, ...] = fewbit.mul(a, ([1, 2, 3], "e2m1"), result="e4m3fn").shape
least = fewbit.decode(fewbit.encode(x, "e4m3fn"), "e4m3fn").min()
try:
    fewbit.encode(x, "e99m3")
except fewbit.RequestError as error:
    legal: str = error.legal
wrong_type: str = fewbit.Format("int8").bits  # type: ignore[assignment]
fewbit.mul(a, 3)  # type: ignore[arg-type]
