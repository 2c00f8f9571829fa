"""Fake quantization for PyTorch: fewbit's values forward, the straight-through gradient backward."""
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import torch

from ._arrays import quantize as _quantize
from ._formats import format_of


class _FakeQuantize(torch.autograd.Function):
    """The gradient passes where the value is in the format's range, and is 0 outside."""

    @staticmethod
    def forward(ctx, x, fmt, clip, options):
        ctx.set_materialize_grads(False)
        with torch.no_grad():
            values = quantized(x, fmt, **options)
            if clip is not None:
                ctx.save_for_backward((x >= clip[0]) & (x <= clip[1]))
        ctx.clipped = clip is not None
        return values

    @staticmethod
    def backward(ctx, grad):
        if grad is None:
            return None, None, None, None
        return (grad * ctx.saved_tensors[0] if ctx.clipped else grad), None, None, None


def quantized(x, fmt, **options):
    """The tensor's numbers in a format, without a gradient; NumPy sees the tensor's own memory."""
    x = x.detach()
    dtype = x.dtype
    if dtype == torch.bfloat16:
        x = x.float()
    values = _quantize(x.cpu().numpy(), fmt, **options)
    return torch.from_numpy(np.asarray(values)).to(device=x.device, dtype=dtype)


def range_of(fmt):
    """(least, largest) finite value of a format."""
    from ._arrays import _values  # pylint: disable=import-outside-toplevel
    values = np.asarray(_values(format_of(fmt)), np.float64)
    finite = values[np.isfinite(values)]
    return float(finite.min()), float(finite.max())


def fake_quantize(x, fmt, *, clip_gradient=True, **options):
    """x in a format of up to 16 bits, of x's dtype; differentiable by the straight-through estimator.

    clip_gradient: the gradient of numbers outside the format's finite range is 0.
    """
    fmt = format_of(fmt)
    return _FakeQuantize.apply(x, fmt, range_of(fmt) if clip_gradient else None, options)
