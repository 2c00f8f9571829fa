"""Fake quantization for PyTorch: fewbit's values forward, the straight-through gradient backward."""
# SPDX-License-Identifier: Apache-2.0
import functools

import numpy as np
import torch

from ._arrays import _converter, _values, quantize as _quantize, words_of
from ._formats import format_of, invalid


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
    values = np.asarray(_values(format_of(fmt)), np.float64)
    finite = values[np.isfinite(values)]
    return float(finite.min()), float(finite.max())


def fake_quantize(x, fmt, *, clip_gradient=True, **options):
    """x in a format of up to 16 bits, of x's dtype; differentiable by the straight-through estimator.

    clip_gradient: the gradient of numbers outside the format's finite range is 0.
    """
    fmt = format_of(fmt)
    return _FakeQuantize.apply(x, fmt, range_of(fmt) if clip_gradient else None, options)


class Grid:
    """The numbers of a format as whole numbers of its least step, as `fewbit quant run` counts them.

    fmt: a format of up to 16 bits with a zero, or bipolar. max: its largest number in steps; least: the
    least one, -max of signed formats (integers are used symmetrically), 0 of unsigned ones.
    """

    def __init__(self, fmt):
        self.format = format_of(fmt)
        self.is_bipolar = self.format.name == "bipolar"
        if self.is_bipolar:
            self._step, self.max, self.least = 1.0, 1.0, -1.0
            return
        if self.format.bits > 16:
            raise invalid("format", self.format.name, "formats of up to 16 bits")
        values = np.asarray(_values(self.format), np.float64)
        values = values[np.isfinite(values)]
        if not (values == 0).any() or not (values > 0).any():
            raise invalid("format", self.format.name, "a format with a zero and numbers above it")
        self._step = float(values[values > 0].min())
        self.max = float(values.max()) / self._step
        self.least = -self.max if self.format.is_signed else 0.0
        self._converter = _converter(self.format, words_of({"overflow": "saturate"}))
        if not self._converter.has_values(True):
            raise invalid("format", self.format.name, "a format whose numbers are doubles")

    def units(self, x, scale):
        """The numbers nearest to x x (1 / scale), a product in binary64, in steps; a float32 tensor.

        x: a float32 tensor. scale: a number, or one for each index of x's first axis. Ties go to the even
        code, numbers beyond the largest to it, negative ones in unsigned formats to 0; in bipolar, 0 to 1.
        """
        x = x.detach().contiguous()
        if x.dtype != torch.float32:
            raise invalid("x", str(x.dtype), "torch.float32")
        if self.is_bipolar:
            return torch.where(x < 0, -1.0, 1.0)
        reciprocals = 1 / np.atleast_1d(np.asarray(scale, np.float64))
        if reciprocals.size not in (1, x.shape[0] if x.dim() else 1):
            raise invalid("scale", reciprocals.size, "one, or one for each index of the first axis")
        out = torch.empty(x.shape, dtype=torch.float32)
        inner = max(1, x.numel() // reciprocals.size)
        self._converter.scaled(x.numpy().reshape(-1), reciprocals * self._step, inner,
                               self.least * self._step, 1 / self._step, out.numpy().reshape(-1))
        return out


@functools.lru_cache(maxsize=256)
def grid(fmt):
    """Grid(fmt), made once."""
    return Grid(fmt)
