# Training with gradients of few bits: quantizers of gradients, and layers that use them (1-bit FQT).
# SPDX-License-Identifier: Apache-2.0
"""
Forward (arXiv 2408.14267): activations sign(x), weights mean |w| of the output channel x sign(w), gradients straight
through where |x| <= 1. Backward: the gradient g of a layer's results is quantized before it meets an operand,

    affine     a group of numbers (a sample, or a channel) as codes of b bits between its least and its largest:
               code = floor((x - min) / (max - min) * (2^b - 1) + (2 r + 1) / 2^(R + 1)), r random of R bits;
               it means min + code * (max - min) / (2^b - 1), which is x in the mean, to 2^-(R + 1) of a code's step
    pruning    `biased`: of N groups the int(N / b) with the largest magnitudes keep their codes, the others are 0;
               `unbiased`: group i is kept with probability p_i = min(1, c R_i), R_i its range, and divided by p_i,
               c such that N / b are kept in the mean; so b bits of N / b groups are as many as 1 bit of N
    joint      the gradient for the weights has groups of channels, so that the scales come out of its sums;
               that for the activations has groups of samples

The codes are those of the operator `squant` for binary32 numbers and R = 8 (docs/operators.md), in torch."""

import dataclasses
from typing import Any, Optional

import numpy
import torch
from torch import nn
from torch.nn import functional

import models

RANDOM_BITS = 8
LEAST_EXPONENT = -126  # of a normal binary32 number


@dataclasses.dataclass(frozen=True)
class Gradients:
    """How gradients are quantized. bits 0: not at all."""
    bits: int = 1
    pruning: str = "none"  # none, biased, unbiased
    joint: bool = True

    def __post_init__(self) -> None:
        if self.bits not in range(0, 9) or self.pruning not in ("none", "biased", "unbiased"):
            raise ValueError(f"gradients {self}: bits 0 to 8, pruning none, biased or unbiased")


def affine_codes(rows: torch.Tensor, bits: int, random: torch.Tensor, random_bits: int = RANDOM_BITS) -> torch.Tensor:
    """Codes of finite binary32 rows, integers of `bits` bits; `random`: integers of random_bits bits, rows' shape.

    A row's numbers are cut toward zero to whole numbers of 2^(e - F), e the exponent of its largest magnitude, F = 24
    or more, as the operator does; all else is exact."""
    x = rows.double().numpy()
    largest = numpy.abs(x).max(1, keepdims=True)
    exponent = numpy.where(largest > 0, numpy.frexp(largest)[1] - 1, LEAST_EXPONENT).clip(min=LEAST_EXPONENT)
    places = max(24, bits + random_bits + 1) - exponent
    whole = torch.from_numpy(numpy.trunc(numpy.ldexp(x, places)).astype(numpy.int64))
    least = whole.amin(1, keepdim=True)
    distance, span = whole - least, whole.amax(1, keepdim=True) - least
    rounding = ((2 * random + 1) * span) >> (random_bits + 1)
    codes = torch.div(distance * ((1 << bits) - 1) + rounding, span.clamp(min=1), rounding_mode="floor")
    return torch.where(span > 0, codes, torch.zeros_like(codes))


def affine(rows: torch.Tensor, bits: int, generator: torch.Generator) -> torch.Tensor:
    """What the codes of each row mean, binary32."""
    random = torch.randint(0, 1 << RANDOM_BITS, rows.shape, generator=generator)
    least, largest = rows.amin(1, keepdim=True), rows.amax(1, keepdim=True)
    return least + affine_codes(rows, bits, random).to(rows.dtype) * ((largest - least) / ((1 << bits) - 1))


def kept_largest(rows: torch.Tensor, bits: int) -> torch.Tensor:
    """1 for the int(N / bits) rows with the largest magnitudes (and those like the last of them), else 0."""
    importance = rows.abs().amax(1)
    count = max(1, int(len(rows) / bits))
    return (importance >= importance.sort(descending=True).values[count - 1]).to(rows.dtype)


def probabilities(rows: torch.Tensor, bits: int) -> torch.Tensor:
    """min(1, c x range) of each row, N / bits in all where as many rows have a range."""
    ranges = (rows.amax(1) - rows.amin(1)).double()
    wanted = len(rows) / bits
    p = torch.zeros_like(ranges)
    free = ranges > 0
    for _ in range(len(rows)):
        left = wanted - float((p >= 1).sum())
        total = float(ranges[free].sum())
        if left <= 0 or total == 0:
            break
        p[free] = (ranges[free] * left / total).clamp(max=1)
        full = free & (p >= 1)
        if not bool(full.any()):
            break
        free = free & ~full
    # A row of equal numbers is its own mean: nothing is drawn for it, and nothing lost.
    return torch.where(ranges > 0, p, torch.ones_like(p))


def quantized_rows(rows: torch.Tensor, how: Gradients, generator: torch.Generator) -> torch.Tensor:
    if how.bits == 0:
        return rows
    values = affine(rows, how.bits, generator)
    if how.pruning == "biased":
        return values * kept_largest(rows, how.bits)[:, None]
    if how.pruning == "unbiased":
        p = probabilities(rows, how.bits)
        kept = torch.rand(len(rows), generator=generator, dtype=torch.float64) < p
        factor = torch.where(kept, 1 / p.clamp(min=1e-12), torch.zeros_like(p))
        return values * factor.to(rows.dtype)[:, None]
    return values


def by_sample(gradient: torch.Tensor, how: Gradients, generator: torch.Generator) -> torch.Tensor:
    return quantized_rows(gradient.reshape(len(gradient), -1), how, generator).reshape(gradient.shape)


def by_channel(gradient: torch.Tensor, how: Gradients, generator: torch.Generator) -> torch.Tensor:
    turned = gradient.transpose(0, 1)
    rows = turned.reshape(len(turned), -1).contiguous()
    return quantized_rows(rows, how, generator).reshape(turned.shape).transpose(0, 1)


class Sign(torch.autograd.Function):
    """-1 or 1, of 0 1 as bipolar has it; the gradient where |x| <= 1."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return torch.where(x < 0, -1.0, 1.0)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        return gradient * (ctx.saved_tensors[0].abs() <= 1)


class Convolution(torch.autograd.Function):
    """A convolution whose incoming gradient is quantized for each of its operands on its own."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, weight: torch.Tensor, layer: Any) -> torch.Tensor:
        ctx.save_for_backward(x, weight)
        ctx.layer = layer
        return functional.conv2d(x, weight, None, layer.stride, layer.padding, layer.dilation, layer.groups)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple:
        x, weight = ctx.saved_tensors
        layer, how = ctx.layer, ctx.layer.gradients
        if layer.recorded is not None:
            layer.recorded.append(gradient.detach().clone())
        for_input = by_sample(gradient, how, layer.generator)
        for_weight = for_input
        if how.joint and how.bits > 0:
            for_weight = by_channel(gradient, how, layer.generator)

        def back(own: torch.Tensor, mask: list) -> tuple:
            return torch.ops.aten.convolution_backward(own, x, weight, None, layer.stride, layer.padding,
                                                       layer.dilation, False, [0, 0], layer.groups, mask)
        if for_weight is for_input:
            return (*back(for_input, [True, True, False])[:2], None)
        to_input = back(for_input, [True, False, False])[0] if ctx.needs_input_grad[0] else None
        return to_input, back(for_weight, [False, True, False])[1], None


class BinaryConv2d(nn.Conv2d):
    """Bipolar activations and weights, a factor for each output channel; gradients as `gradients` says."""
    gradients: Gradients
    generator: torch.Generator
    recorded: Optional[list] = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        factor = self.weight.abs().mean((1, 2, 3), keepdim=True)
        y = Convolution.apply(Sign.apply(x), Sign.apply(self.weight), self)
        y = y * factor.view(1, -1, 1, 1)
        return y if self.bias is None else y + self.bias.view(1, -1, 1, 1)


def make_binary(model: nn.Module, gradients: Gradients, seed: int) -> list:
    """Makes every convolution but the first bipolar (the linear layer at the end and normalisation stay in float)."""
    convolutions = [module for module in model.modules() if isinstance(module, nn.Conv2d)]
    generator = torch.Generator().manual_seed(seed)
    for module in convolutions[1:]:
        module.__class__ = BinaryConv2d
        module.gradients, module.generator, module.recorded = gradients, generator, None
    return convolutions[1:]


class BipolarResidual(models.Residual):
    """With hardtanh in place of ReLU, whose results have no sign to take."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.second(functional.hardtanh(self.first(x)))
        return functional.hardtanh(y + self.skip(x))


class BipolarResNet(models.ResNet):
    """`resnet` in float with hardtanh, before and after make_binary()."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        for block in self.blocks:
            block.__class__ = BipolarResidual

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.hardtanh(self.stem(x))
        return self.head(self.blocks(x).mean((2, 3)))
