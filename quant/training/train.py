# Trains one of the networks on Fashion-MNIST and writes NAME.onnx, and logits of test images as NAME.npy.
# SPDX-License-Identifier: Apache-2.0
"""
  train.py NAME --output FOLDER [--epochs N] [--seed S] [--threads N] [--data FOLDER]

The weights of the last epoch are exported, whatever their test accuracy; test images choose nothing. The
script ends with code 1, and writes nothing, where the accuracy is below the network's bar.
"""

import argparse
import gzip
import pathlib
import sys
import time

import models
import numpy
import torch
from torch.nn import functional

# Name: epochs, greatest learning rate, weight decay, least accuracy on the test images in percent.
RECIPES = {
    "resnet": (9, 0.01, 0.02, 92.5),
    "mobilenet": (8, 0.01, 0.02, 91.5),
    "vit": (9, 0.002, 0.05, 89.0),
}
BATCH = 128
LOGITS = 64  # images whose logits are stored


def read_idx(path):
    with gzip.open(path) as file:
        data = file.read()
    dimensions = data[3]
    shape = numpy.frombuffer(data, ">u4", dimensions, 4)
    return torch.from_numpy(
        numpy.frombuffer(data, numpy.uint8, -1, 4 + 4 * dimensions).reshape(shape).copy())


def load(folder, part):
    images = read_idx(folder / f"{part}-images-idx3-ubyte.gz")
    labels = read_idx(folder / f"{part}-labels-idx1-ubyte.gz")
    return images.unsqueeze(1).float() / 255, labels.long()


def augment(images, generator):
    """Each image mirrored with probability 1/2, and shifted by up to a pixel."""
    mirrored = torch.rand(len(images), generator=generator) < 0.5
    images = torch.where(mirrored[:, None, None, None], images.flip(3), images)
    padded = functional.pad(images, (1, 1, 1, 1))
    rows = torch.randint(0, 3, (len(images),), generator=generator)
    columns = torch.randint(0, 3, (len(images),), generator=generator)
    y = rows[:, None, None] + torch.arange(28)[None, :, None]
    x = columns[:, None, None] + torch.arange(28)[None, None, :]
    return padded[torch.arange(len(images))[:, None, None], 0, y, x].unsqueeze(1)


def accuracy(model, images, labels):
    model.eval()
    with torch.no_grad():
        right = sum((model(x).argmax(1) == y).sum().item()
                    for x, y in zip(images.split(500), labels.split(500)))
    return 100 * right / len(labels)


def train(model, name, images, labels, test, epochs, seed):
    _, rate, decay, _ = RECIPES[name]
    generator = torch.Generator().manual_seed(seed)
    decayed = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": decay},
                                   {"params": others, "weight_decay": 0}], lr=rate)
    steps = epochs * (len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, [rate, rate], total_steps=steps,
                                                   pct_start=0.2)
    for epoch in range(epochs):
        start = time.time()
        model.train()
        total = 0.0
        order = torch.randperm(len(images), generator=generator)
        for batch in order[:len(order) // BATCH * BATCH].split(BATCH):
            x = augment(images[batch], generator)
            loss = functional.cross_entropy(model(x), labels[batch], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"{name} epoch {epoch + 1}/{epochs}: loss {total * BATCH / len(images):.4f}, "
              f"test {accuracy(model, *test):.2f} %, {time.time() - start:.0f} s", flush=True)


def export(model, name, images, folder):
    folder.mkdir(parents=True, exist_ok=True)
    models.export(model, images[:2], folder / f"{name}.onnx")
    with torch.no_grad():
        numpy.save(folder / f"{name}.npy", model(images[:LOGITS]).numpy())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=sorted(RECIPES))
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--data", type=pathlib.Path,
                        default=pathlib.Path("/usr/share/datasets/fashion-mnist"))
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    epochs, _, _, bar = RECIPES[arguments.name]
    model = models.NETWORKS[arguments.name]()
    images, labels = load(arguments.data, "train")
    test = load(arguments.data, "t10k")
    train(model, arguments.name, images, labels, test, arguments.epochs or epochs, arguments.seed)
    result = accuracy(model, *test)
    if result < bar:
        print(f"{arguments.name}: {result:.2f} % of the test images are right, {bar} % are needed")
        return 1
    export(model, arguments.name, test[0], arguments.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
