#!/usr/bin/env python3
# Trains quant/networks/small.onnx with NumPy alone, in minutes.
# SPDX-License-Identifier: Apache-2.0
"""Conv, Relu, Conv, Relu, Gemm for 28 x 28 grey images in ten classes: 5,494 weights.

    quant/training/small.py FOLDER OUTPUT.onnx [EPOCHS]

FOLDER has Fashion-MNIST (Debian's dataset-fashion-mnist). The file is written byte by byte as
protobuf encodes it, so that no library of ONNX is needed."""

import gzip
import pathlib
import struct
import sys

import numpy

FIRST, SECOND, CLASSES = 6, 10, 10
BATCH = 64


def read_idx(path):
    data = gzip.open(path).read()
    rank = data[3]
    shape = struct.unpack(f">{rank}I", data[4:4 + 4 * rank])
    return numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * rank).reshape(shape)


def windows(x):
    """[n, c, h, w] to [n, h/2, w/2, c * 9]: 3 x 3, stride 2, one row and column of padding."""
    n, c, h, w = x.shape
    padded = numpy.zeros((n, c, h + 2, w + 2), numpy.float32)
    padded[:, :, 1:-1, 1:-1] = x
    parts = [padded[:, :, i:i + h:2, j:j + w:2] for i in range(3) for j in range(3)]
    return numpy.stack(parts, 2).transpose(0, 3, 4, 1, 2).reshape(n, h // 2, w // 2, c * 9)


def windows_back(gradient, shape):
    n, c, h, w = shape
    padded = numpy.zeros((n, c, h + 2, w + 2), numpy.float32)
    parts = gradient.reshape(n, h // 2, w // 2, c, 9).transpose(4, 0, 3, 1, 2)
    for k in range(9):
        padded[:, :, k // 3:k // 3 + h:2, k % 3:k % 3 + w:2] += parts[k]
    return padded[:, :, 1:-1, 1:-1]


def forward(p, x):
    a = windows(x)
    r = numpy.maximum(a @ p["w1"] + p["b1"], 0).transpose(0, 3, 1, 2)
    b = windows(r)
    s = numpy.maximum(b @ p["w2"] + p["b2"], 0).transpose(0, 3, 1, 2)
    flat = s.reshape(len(x), -1)
    return a, r, b, s, flat, flat @ p["w3"] + p["b3"]


def gradients(p, x, labels):
    a, r, b, s, flat, logits = forward(p, x)
    odds = numpy.exp(logits - logits.max(1, keepdims=True))
    odds /= odds.sum(1, keepdims=True)
    odds[numpy.arange(len(x)), labels] -= 1
    odds /= len(x)
    g = {"w3": flat.T @ odds, "b3": odds.sum(0)}
    ds = ((odds @ p["w3"].T).reshape(s.shape) * (s > 0)).transpose(0, 2, 3, 1)
    g["w2"] = numpy.tensordot(b, ds, ((0, 1, 2), (0, 1, 2)))
    g["b2"] = ds.sum((0, 1, 2))
    dr = (windows_back(ds @ p["w2"].T, r.shape) * (r > 0)).transpose(0, 2, 3, 1)
    g["w1"] = numpy.tensordot(a, dr, ((0, 1, 2), (0, 1, 2)))
    g["b1"] = dr.sum((0, 1, 2))
    return g


def train(images, labels, epochs, seed=1):
    random = numpy.random.default_rng(seed)
    shapes = {"w1": (9, FIRST), "w2": (9 * FIRST, SECOND), "w3": (49 * SECOND, CLASSES)}
    p = {}
    for name, shape in shapes.items():
        p[name] = random.normal(0, (2 / shape[0]) ** 0.5, shape).astype(numpy.float32)
        p["b" + name[1]] = numpy.zeros(shape[1], numpy.float32)
    mean = {k: numpy.zeros_like(v) for k, v in p.items()}
    square = {k: numpy.zeros_like(v) for k, v in p.items()}
    steps = epochs * (len(images) // BATCH)
    step = 0
    for _ in range(epochs):
        order = random.permutation(len(images))
        for at in range(0, len(order) - BATCH + 1, BATCH):
            own = order[at:at + BATCH]
            x = images[own].astype(numpy.float32)[:, None] / 255
            step += 1
            rate = 0.004 * (1 - step / steps) + 1e-5
            for k, g in gradients(p, x, labels[own]).items():
                mean[k] = 0.9 * mean[k] + 0.1 * g
                square[k] = 0.999 * square[k] + 0.001 * g * g
                p[k] -= rate * (mean[k] / (1 - 0.9 ** step)) / (
                    numpy.sqrt(square[k] / (1 - 0.999 ** step)) + 1e-8)
    return p


def varint(value):
    out = b""
    while value >= 128:
        out += bytes([value % 128 + 128])
        value //= 128
    return out + bytes([value])


def number(field, value):
    return varint(field * 8) + varint(value)


def chunk(field, data):
    data = data.encode() if isinstance(data, str) else data
    return varint(field * 8 + 2) + varint(len(data)) + data


def tensor(name, values):
    values = numpy.ascontiguousarray(values, "<f4")
    shape = b"".join(number(1, extent) for extent in values.shape)
    return shape + number(2, 1) + chunk(8, name) + chunk(9, values.tobytes())


def integers(name, values):
    return chunk(5, chunk(1, name) + number(20, 7) + b"".join(number(8, v) for v in values))


def node(kind, inputs, output, more=b""):
    return chunk(1, b"".join(chunk(1, i) for i in inputs) + chunk(2, output) + chunk(3, output) +
                 chunk(4, kind) + more)


def value(name, extents):
    dimensions = b"".join(
        chunk(1, chunk(2, e) if isinstance(e, str) else number(1, e)) for e in extents)
    return chunk(1, name) + chunk(2, chunk(1, number(1, 1) + chunk(2, dimensions)))


def model(p):
    square = integers("strides", (2, 2)) + integers("pads", (1, 1, 1, 1)) + integers(
        "kernel_shape", (3, 3))
    graph = (node("Conv", ("x", "w1", "b1"), "conv1", square) + node("Relu", ("conv1",), "relu1") +
             node("Conv", ("relu1", "w2", "b2"), "conv2", square) +
             node("Relu", ("conv2",), "relu2") + node("Flatten", ("relu2",), "flat") +
             node("Gemm", ("flat", "w3", "b3"), "logits"))
    weights = {"w1": p["w1"].T.reshape(FIRST, 1, 3, 3), "w2": p["w2"].T.reshape(SECOND, FIRST, 3, 3),
               "w3": p["w3"], "b1": p["b1"], "b2": p["b2"], "b3": p["b3"]}
    graph += chunk(2, "small")
    graph += b"".join(chunk(5, tensor(name, v)) for name, v in weights.items())
    graph += chunk(11, value("x", ("images", 1, 28, 28))) + chunk(12, value("logits", ("images", 10)))
    return number(1, 8) + chunk(7, graph) + chunk(8, chunk(1, "") + number(2, 13))


def main():
    folder, output = map(pathlib.Path, sys.argv[1:3])
    epochs = int(sys.argv[3]) if len(sys.argv) > 3 else 8
    p = train(read_idx(folder / "train-images-idx3-ubyte.gz"),
              read_idx(folder / "train-labels-idx1-ubyte.gz"), epochs)
    images = read_idx(folder / "t10k-images-idx3-ubyte.gz").astype(numpy.float32)[:, None] / 255
    answers = forward(p, images)[-1].argmax(1)
    print(f"{100 * (answers == read_idx(folder / 't10k-labels-idx1-ubyte.gz')).mean():.2f} % right")
    output.write_bytes(model(p))


if __name__ == "__main__":
    main()
