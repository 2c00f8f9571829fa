# Layers whose operands are rounded as `fewbit quant run` rounds them, with straight-through gradients.
# SPDX-License-Identifier: Apache-2.0
"""Networks of models.py in few bits.

    layers = quantized.prepare(model, images)    # replaces convolutions, linear layers and products
    quantized.set_formats(layers, [Formats("e2m1", "int4")] * len(layers))
    ...                                          # train as any network
    quantized.fold(model)                        # normalisation into the convolutions
    quantized.write(model, layers, FOLDER / "resnet", images)    # for fewbit quant run --formats

The numerics are those of docs/accuracy.md: a scale for each output channel of the weights and one for
activations, the format's unsigned relative where an operand cannot be negative, sums of whole numbers,
multiplied by both scales. In evaluation sums are exact (binary64 where binary32 does not hold them) and
multiplied in binary64, as in `quant run`; in training all is binary32."""

import dataclasses
import pathlib
import re
from typing import Any, Optional, Sequence

import models
import numpy
import torch
from torch import nn
from torch.nn import functional

import fewbit
import fewbit.torch

EXACT_IN_FLOAT = 2.0**24
CALIBRATION_BATCH = 32
MOST_VALUES = 1 << 17  # kept of one operand over all batches
TRAINING_VALUES = 4096  # of a batch, that a range in training is chosen by
REFRESH = 50  # uses of a scale in training before it is chosen anew
SMOOTHING = 0.5  # weight of the new scale of activations
WIDEST_UNITS = 2.0**33  # of a format's largest value in its steps


@dataclasses.dataclass(frozen=True)
class Formats:
    weights: str
    activations: str


def unsigned_relative(name: str) -> str:
    """The unsigned format of as many bits with one fraction bit more; the same where it has NaN or infinity."""
    fmt = fewbit.Format(name)
    if not fmt.is_signed or fmt.name == "bipolar":
        return name
    if not fmt.is_float:
        return f"uint{fmt.bits}"
    if fmt.has_nan or fmt.has_infinity:
        return name
    fields = re.match(r"e(\d+)m(\d+)", fmt.name)
    assert fields is not None, fmt.name
    return f"ue{fields[1]}m{int(fields[2]) + 1}f"


def grid_of(name: str, nonnegative: bool) -> fewbit.torch.Grid:
    if nonnegative:
        relative = fewbit.torch.grid(unsigned_relative(name))
        if relative.max < WIDEST_UNITS:
            return relative
    return fewbit.torch.grid(name)


def choose_scales(grid: fewbit.torch.Grid, rows: torch.Tensor) -> numpy.ndarray:
    """What a unit stands for, one for each row: of 0.1 to 1.2 x the largest magnitude, by 0.025, the range
    with the least sum of squared errors; 1 where all are 0."""
    exact = rows.double().numpy()
    whole = numpy.abs(exact).max(1) / grid.max
    zeros = whole == 0
    whole[zeros] = 1

    def errors(scales: numpy.ndarray) -> numpy.ndarray:
        difference = grid.units(rows, scales).double().numpy() * scales[:, None] - exact
        return numpy.cumsum(difference * difference, 1)[:, -1]  # one after the other, as quant does

    best, least = whole.copy(), errors(whole)
    for step in range(4, 49):
        scales = whole * step / 40
        error = errors(scales)
        better = error < least
        best[better], least[better] = scales[better], error[better]
    best[zeros] = 1
    return best


class Operand:
    """One operand of a layer: whether it can be negative, its samples, its scales by format."""

    def __init__(self) -> None:
        self.nonnegative = False
        self.samples: list[torch.Tensor] = []
        self.scales: dict[str, Any] = {}
        self.uses: dict[str, int] = {}

    def record(self, x: torch.Tensor, per_batch: int) -> None:
        x = x.detach().reshape(-1)
        self.samples.append(x[::x.numel() // per_batch + 1].clone())

    def end_recording(self) -> None:
        values = torch.cat(self.samples)
        self.nonnegative = bool((values >= 0).all())
        self.samples = [values]
        self.scales.clear()

    def scale(self, grid: fewbit.torch.Grid, x: torch.Tensor, training: bool) -> float:
        """In training by some values of the batch, smoothed; else what training left, or by the samples."""
        name = grid.format.name
        if not training:
            if name not in self.scales:
                self.scales[name] = float(choose_scales(grid, self.samples[0][None])[0])
            return self.scales[name]
        uses = self.uses.get(name, 0)
        if name not in self.scales or uses % REFRESH == 0:
            values = x.detach().reshape(-1)
            values = values[::values.numel() // TRAINING_VALUES + 1].contiguous()
            new = float(choose_scales(grid, values[None])[0])
            if uses > 0:
                new = SMOOTHING * new + (1 - SMOOTHING) * self.scales[name]
            self.scales[name] = new
        self.uses[name] = uses + 1
        return self.scales[name]


class Weights(Operand):
    """A scale for each output channel; not kept in evaluation, where weights may have changed."""

    def scales_of(self, grid: fewbit.torch.Grid, weight: torch.Tensor, training: bool) -> numpy.ndarray:
        name = grid.format.name
        uses = self.uses.get(name, 0)
        if not training or name not in self.scales or uses % REFRESH == 0:
            self.scales[name] = choose_scales(grid, weight.detach().reshape(len(weight), -1).contiguous())
        self.uses[name] = uses + 1 if training else 0
        return self.scales[name]


@dataclasses.dataclass
class Plan:
    """How a layer multiplies: grids and scales of both operands, and whether exactly."""
    left_grid: fewbit.torch.Grid
    left_scale: float
    right_grid: fewbit.torch.Grid
    right_scales: numpy.ndarray
    exact: bool
    convolution: Optional[tuple] = None  # stride, padding, dilation, groups


def channel_factors(scales: numpy.ndarray, dim: int, dtype: torch.dtype) -> torch.Tensor:
    """Of the output: the second axis of a convolution, the last of a matrix product."""
    factors = torch.from_numpy(scales).to(dtype)
    return factors.view(1, -1, *[1] * (dim - 2)) if dim == 4 else factors


def outside_is_zero(gradient: torch.Tensor, x: torch.Tensor, grid: fewbit.torch.Grid, scale: float) -> torch.Tensor:
    if grid.is_bipolar:
        return torch.ops.aten.hardtanh_backward(gradient, x, -1.0, 1.0)
    limit = grid.max * scale * (1 + 1e-6)  # with the largest number itself
    return torch.ops.aten.hardtanh_backward(gradient, x, -limit if grid.least < 0 else -1e-6 * limit, limit)


def multiply(left: torch.Tensor, right: torch.Tensor, plan: Plan) -> torch.Tensor:
    if plan.convolution is None:
        return left @ right
    stride, padding, dilation, groups = plan.convolution
    return functional.conv2d(left, right, None, stride, padding, dilation, groups)


class Sums(torch.autograd.Function):
    """Sums of products of both operands in units, times both scales. The right operand is [outputs, ..] of a
    convolution and a linear layer, [.., terms, columns] of a product of activations."""

    @staticmethod
    def forward(ctx: Any, left: torch.Tensor, right: torch.Tensor, plan: Plan) -> torch.Tensor:
        left_units = plan.left_grid.units(left, plan.left_scale)
        right_units = plan.right_grid.units(right, plan.right_scales)
        ctx.plan, ctx.is_linear = plan, plan.convolution is None and right.dim() == 2
        ctx.save_for_backward(left, right, left_units, right_units)
        used = right_units.t() if ctx.is_linear else right_units
        factors = plan.left_scale * plan.right_scales
        if not plan.exact:
            sums = multiply(left_units, used, plan)
            return sums.mul_(channel_factors(factors, sums.dim(), torch.float32))
        if greatest_sum(plan, right_units, ctx.is_linear) > EXACT_IN_FLOAT:
            left_units, used = left_units.double(), used.double()
        sums = multiply(left_units, used, plan).double()
        return (sums * channel_factors(factors, sums.dim(), torch.float64)).float()

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple:
        left, right, left_units, right_units = ctx.saved_tensors
        plan = ctx.plan
        need_left, need_right = ctx.needs_input_grad[:2]
        by_row = torch.from_numpy(plan.right_scales).float().view(-1, *[1] * (right.dim() - 1))
        values = right_units * (by_row if plan.right_scales.size > 1 else float(plan.right_scales[0]))
        to_left = to_right = None
        if plan.convolution is not None:
            stride, padding, dilation, groups = plan.convolution
            to_left, to_right, _ = torch.ops.aten.convolution_backward(
                gradient, left_units, values, None, stride, padding, dilation, False, [0, 0], groups,
                [need_left, need_right, False])
        else:
            if need_left:
                to_left = gradient @ (values if ctx.is_linear else values.transpose(-2, -1))
            if need_right and ctx.is_linear:
                to_right = gradient.reshape(-1, gradient.shape[-1]).t() @ left_units.reshape(-1, left.shape[-1])
            elif need_right:
                to_right = left_units.transpose(-2, -1) @ gradient
        if need_left:
            to_left = outside_is_zero(to_left, left, plan.left_grid, plan.left_scale)
        if need_right:
            to_right = to_right * plan.left_scale
            limits = by_row * plan.right_grid.max * (1 + 1e-6)
            if plan.right_grid.is_bipolar:
                limits = torch.ones(())
            if plan.right_grid.least == 0:
                to_right = to_right * (right >= 0)
            to_right = to_right * (right.abs() <= limits)
        return to_left, to_right, None


def greatest_sum(plan: Plan, right_units: torch.Tensor, has_channels: bool) -> float:
    """No sum exceeds it, in units of both."""
    if plan.convolution is None and not has_channels:
        return plan.left_grid.max * plan.right_grid.max * right_units.shape[-2]
    return plan.left_grid.max * right_units.abs().reshape(len(right_units), -1).double().sum(1).max().item()


class Layer:
    """What the three kinds of layers have in common. `formats` None: in float."""

    def prepare(self, has_weights: bool) -> None:
        self.formats: Optional[Formats] = None
        self.left = Operand()
        self.right: Operand = Weights() if has_weights else Operand()
        self.recording: Optional[list] = None  # the layers of a network in their order, while samples are taken
        self.per_batch = 1
        self.name = ""
        self.products = 0  # of one image
        self.has_weights = has_weights

    def note(self, left: torch.Tensor, right: Optional[torch.Tensor], products: int) -> None:
        if self.recording is None:
            return
        if self not in self.recording:
            self.recording.append(self)
        self.products = products
        self.left.record(left, self.per_batch)
        if right is not None:
            self.right.record(right, self.per_batch)

    def plan(self, left: torch.Tensor, right: torch.Tensor, training: bool,
             convolution: Optional[tuple] = None) -> Plan:
        assert self.formats is not None
        left_grid = grid_of(self.formats.activations, self.left.nonnegative)
        left_scale = self.left.scale(left_grid, left, training)
        if isinstance(self.right, Weights):
            right_grid = grid_of(self.formats.weights, False)
            right_scales = self.right.scales_of(right_grid, right, training)
        else:
            right_grid = grid_of(self.formats.activations, self.right.nonnegative)
            right_scales = numpy.array([self.right.scale(right_grid, right, training)])
        return Plan(left_grid, left_scale, right_grid, right_scales, not training, convolution)


class QuantizedConv2d(nn.Conv2d, Layer):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.formats is None:
            y = self._conv_forward(x, self.weight, self.bias)
            if self.recording is not None:
                self.note(x, None, y[0].numel() * self.weight[0].numel())
            return y
        convolution = (self.stride, self.padding, self.dilation, self.groups)
        y = Sums.apply(x, self.weight, self.plan(x, self.weight, self.training, convolution))
        return y if self.bias is None else y + self.bias.view(1, -1, 1, 1)


class QuantizedLinear(nn.Linear, Layer):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.formats is None:
            self.note(x, None, x[0].numel() * self.weight.shape[0])
            return functional.linear(x, self.weight, self.bias)
        y = Sums.apply(x, self.weight, self.plan(x, self.weight, self.training))
        return y if self.bias is None else y + self.bias


class QuantizedProduct(nn.Module, Layer):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        if self.formats is None:
            self.note(x, y, x[0].numel() * y.shape[-1])
            return x @ y
        return Sums.apply(x, y, self.plan(x, y, self.training))


KINDS = {"Conv2d": QuantizedConv2d, "Linear": QuantizedLinear, "Product": QuantizedProduct}


def record(model: nn.Module, images: torch.Tensor) -> list:
    """Runs the network in float on calibration images, as `quant run` does: the layers in their order."""
    layers: list = []
    everything = [m for m in model.modules() if isinstance(m, Layer)]
    was_training = model.training
    model.eval()
    for layer in everything:
        layer.recording, layer.formats = layers, None
        layer.per_batch = MOST_VALUES // -(-len(images) // CALIBRATION_BATCH) + 1
        layer.left.samples, layer.right.samples = [], []
    with torch.no_grad():
        for batch in images.split(CALIBRATION_BATCH):
            model(batch)
    for layer in layers:
        layer.recording = None
        layer.left.end_recording()
        if layer.right.samples:
            layer.right.end_recording()
    model.train(was_training)
    return layers


def prepare(model: nn.Module, images: torch.Tensor) -> list:
    """Makes every linear layer of the network one of the three kinds, in float, and gives them in order."""
    for name, module in model.named_modules():
        kind = KINDS.get(type(module).__name__)
        if kind is None:
            continue
        module.__class__ = kind
        module.prepare(kind is not QuantizedProduct)
        module.name = name
    return record(model, images)


def edge_layers(layers: Sequence) -> list:
    """The first and the last layer with weights, which have 8 bits by default."""
    own = [layer for layer in layers if layer.has_weights]
    return [layer is own[0] or layer is own[-1] for layer in layers]


EDGE = Formats("int8", "int8")


def set_formats(layers: Sequence, formats: Sequence) -> None:
    for layer, own in zip(layers, formats):
        layer.formats = own


def fold(model: nn.Module) -> None:
    """Normalisation behind a convolution goes into its weights and its bias."""
    for module in model.modules():
        if not isinstance(module, nn.Sequential):
            continue
        for place in range(len(module) - 1):
            convolution, norm = module[place], module[place + 1]
            if not isinstance(convolution, nn.Conv2d) or not isinstance(norm, nn.BatchNorm2d):
                continue
            weight, bias = nn.utils.fusion.fuse_conv_bn_weights(
                convolution.weight, convolution.bias, norm.running_mean, norm.running_var, norm.eps,
                norm.weight, norm.bias)
            convolution.weight, convolution.bias = weight, bias
            module[place + 1] = nn.Identity()


def fields_of(data: bytes) -> list:
    """(number, value) of the fields of a protobuf message; values are bytes or integers."""
    def varint(at: int) -> tuple:
        value = shift = 0
        while True:
            value |= (data[at] & 127) << shift
            shift += 7
            at += 1
            if data[at - 1] < 128:
                return value, at
    fields, at = [], 0
    while at < len(data):
        key, at = varint(at)
        size = {1: 8, 5: 4}.get(key & 7)
        value: Any
        if key & 7 == 0:
            value, at = varint(at)
        else:
            if size is None:
                size, at = varint(at)
            value, at = data[at:at + size], at + size
        fields.append((key >> 3, value))
    return fields


def linear_nodes(file: pathlib.Path) -> list:
    """(name, result) of the Conv, Gemm and MatMul nodes of an ONNX file, in its order."""
    graph = dict(fields_of(file.read_bytes()))[7]
    nodes = [fields_of(value) for number, value in fields_of(graph) if number == 1]
    return [(dict(node)[3].decode(), dict(node)[2].decode()) for node in nodes
            if dict(node)[4] in (b"Conv", b"Gemm", b"MatMul")]


def scales_of(layer: Any) -> tuple:
    """What a unit of the left operand and, where it is computed, of the right one stands for."""
    def scale(operand: Operand) -> float:
        own = grid_of(layer.formats.activations, operand.nonnegative)
        return operand.scale(own, torch.empty(0), False)
    return scale(layer.left), None if layer.has_weights else scale(layer.right)


def write_formats(layers: Sequence, names: Sequence, file: pathlib.Path) -> None:
    """FILE.formats and FILE.scales, for --formats and --activation-scales of `fewbit quant run`."""
    formats, scales = [], []
    for layer, name in zip(layers, names):
        left, right = scales_of(layer)
        formats.append(f"{layer.formats.weights} {layer.formats.activations} {name}\n")
        scales.append(f"{left!r} {'-' if right is None else repr(right)} {name}\n")
    file.with_suffix(".formats").write_text("".join(formats))
    file.with_suffix(".scales").write_text("".join(scales))


def write(model: nn.Module, layers: Sequence, file: pathlib.Path, images: torch.Tensor) -> list:
    """FILE.onnx in float, FILE.formats and FILE.scales; `layers` are all of the model's that it computes.

    The network's normalisation is folded. Returns the names that the layers have in the first file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    formats = [layer.formats for layer in layers]
    set_formats(layers, [None] * len(layers))
    model.eval()
    models.export(model, images[:2], file.with_suffix(".onnx"))
    set_formats(layers, formats)
    names = [node for node, _ in linear_nodes(file.with_suffix(".onnx"))]
    assert len(names) == len(layers), (len(names), len(layers))
    write_formats(layers, names, file)
    return names
