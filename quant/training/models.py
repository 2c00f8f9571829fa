# The three networks: a residual one, one of inverted bottlenecks, a vision transformer.
# SPDX-License-Identifier: Apache-2.0
"""Networks for 28 x 28 grey images in ten classes. Each takes [N, 1, 28, 28] and gives logits [N, 10]."""

import torch
from torch import nn
from torch.nn import functional


def export(model, inputs, file, taken="image", given="logits"):
    """As ONNX; the number of inputs stays free. Batch normalisation is folded by the exporter."""
    torch.onnx.export(model, inputs, str(file), opset_version=13, input_names=[taken], output_names=[given],
                      dynamic_axes={taken: {0: "n"}, given: {0: "n"}})


def convolution(inputs, outputs, size, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs))


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = convolution(inputs, outputs, 3, stride)
        self.second = convolution(outputs, outputs, 3)
        same = inputs == outputs and stride == 1
        self.skip = nn.Identity() if same else convolution(inputs, outputs, 1, stride)

    def forward(self, x):
        y = self.second(functional.relu(self.first(x)))
        return functional.relu(y + self.skip(x))


class ResNet(nn.Module):
    """Stem, three stages of residual blocks, mean over the image, one linear layer."""

    def __init__(self, widths=(24, 48, 96), blocks=1):
        super().__init__()
        self.stem = convolution(1, widths[0], 3, 2)
        layers = []
        inputs = widths[0]
        for stage, outputs in enumerate(widths):
            for block in range(blocks):
                layers.append(Residual(inputs, outputs, 2 if stage > 0 and block == 0 else 1))
                inputs = outputs
        self.blocks = nn.Sequential(*layers)
        self.head = nn.Linear(inputs, 10)

    def forward(self, x):
        x = functional.relu(self.stem(x))
        return self.head(self.blocks(x).mean((2, 3)))


class Inverted(nn.Module):
    """Widen by 1x1, filter each channel by 3x3, narrow by 1x1 (MobileNetV2)."""

    def __init__(self, inputs, outputs, stride, factor):
        super().__init__()
        wide = inputs * factor
        self.widen = convolution(inputs, wide, 1)
        self.filter = convolution(wide, wide, 3, stride, wide)
        self.narrow = convolution(wide, outputs, 1)
        self.residual = inputs == outputs and stride == 1

    def forward(self, x):
        y = functional.relu6(self.widen(x))
        y = functional.relu6(self.filter(y))
        y = self.narrow(y)
        return x + y if self.residual else y


class MobileNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = convolution(1, 16, 3, 2)
        rows = ((24, 1, 3), (40, 2, 3), (40, 1, 4), (64, 2, 4), (64, 1, 4))
        layers = []
        inputs = 16
        for outputs, stride, factor in rows:
            layers.append(Inverted(inputs, outputs, stride, factor))
            inputs = outputs
        self.blocks = nn.Sequential(*layers)
        self.last = convolution(inputs, 160, 1)
        self.head = nn.Linear(160, 10)

    def forward(self, x):
        x = functional.relu6(self.stem(x))
        x = functional.relu6(self.last(self.blocks(x)))
        return self.head(x.mean((2, 3)))


class Product(nn.Module):
    """A product of two computed matrices: a module, so that it can be quantized as linear layers are."""

    def forward(self, x, y):
        return x @ y


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.scores, self.mixture = Product(), Product()
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)

    def weights(self, scores):
        return functional.softmax(scores, dim=-1)

    def forward(self, x):
        _, tokens, width = x.shape
        size = width // self.heads
        x = self.queries_keys_values(x)
        x = x.reshape(-1, tokens, 3, self.heads, size).permute(2, 0, 3, 1, 4)
        queries, keys, values = x[0], x[1], x[2]
        weights = self.weights(self.scores(queries, keys.transpose(-2, -1)) * size**-0.5)
        x = self.mixture(weights, values).transpose(1, 2).reshape(-1, tokens, width)
        return self.output(x)


class Encoder(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.norm_attention = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.norm_hidden = nn.LayerNorm(width)
        self.widen = nn.Linear(width, hidden)
        self.narrow = nn.Linear(hidden, width)

    def forward(self, x):
        x = x + self.attention(self.norm_attention(x))
        return x + self.narrow(functional.gelu(self.widen(self.norm_hidden(x))))


class VisionTransformer(nn.Module):
    """Three convolutions make 4 x 4 tokens (a stem instead of plain patches learns faster: "Early
    convolutions help transformers see better", arXiv 2106.14881); learned positions, mean over the
    tokens."""

    def __init__(self, width=64, depth=4, heads=4):
        super().__init__()
        self.stem = nn.Sequential(convolution(1, 16, 3, 2), nn.ReLU(),
                                  convolution(16, 32, 3, 2), nn.ReLU(),
                                  convolution(32, width, 3, 2))
        self.positions = nn.Parameter(torch.randn(1, 16, width) * 0.02)
        self.encoders = nn.Sequential(*[Encoder(width, heads, 2 * width) for _ in range(depth)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        x = self.stem(x).flatten(2).transpose(1, 2) + self.positions
        return self.head(self.norm(self.encoders(x)).mean(1))


NETWORKS = {"resnet": ResNet, "mobilenet": MobileNet, "vit": VisionTransformer}
