#!/usr/bin/env python3
# Trains `resnet` in float, then on with bipolar operands and gradients of few bits.
# SPDX-License-Identifier: Apache-2.0
"""
  fqt.py run --bits B --pruning {none,biased,unbiased} --optimizer {adam,sgd} --seed S --db FILE [options]
  fqt.py table --db FILE
  fqt.py errors

The network (one_bit.py: BipolarResNet) is first trained in float for --float-epochs, the same for all runs of a seed;
then every convolution but the first gets bipolar weights and activations, and is trained for --epochs with gradients
of B bits (0: 32-bit gradients, the baseline). First convolution, normalisation and the linear layer at the end stay in
float, forward and backward. --joint off: one quantization of the gradient, by sample, for both operands. A row of the
database for each run; a run that is there is not done again. Test images choose nothing. `errors` needs no images: it
quantizes normal numbers, 128 rows of 256 whose scales are lognormal, and prints error and bias."""

import argparse
import pathlib
import statistics
import sys
import time
from typing import Any

import torch
from torch.nn import functional

import one_bit
import runs
import train

COLUMNS = ("key", "bits", "pruning", "joint", "optimizer", "seed", "steps", "images", "test_images", "float_percent",
           "percent", "gradient_error", "gradient_bias", "cpu_seconds")
RATES = {"adam": 1e-3, "sgd": 1e-2}
DRAWS = 16  # quantizations of a recorded gradient, for its error and bias


def epochs_of(model: Any, optimizer: Any, rate: float, images: torch.Tensor, labels: torch.Tensor, epochs: float,
              generator: torch.Generator) -> int:
    """Trains; the number of steps."""
    steps = max(1, int(epochs * len(images) / train.BATCH))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=max(steps, 2), cycle_momentum=False)
    model.train()
    order = torch.empty(0, dtype=torch.long)
    for step in range(steps):
        if len(order) < train.BATCH:
            order = torch.randperm(len(images), generator=generator)
        batch, order = order[:train.BATCH], order[train.BATCH:]
        loss = functional.cross_entropy(model(train.augment(images[batch], generator)), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if (step + 1) % 50 == 0:
            print(f"  step {step + 1} of {steps}: loss {loss.item():.4f}", flush=True)
    return steps


def error_and_bias(gradients: list, how: one_bit.Gradients, generator: torch.Generator) -> tuple:
    """E|q - g|^2 / |g|^2, and |E q - g|^2 / |g|^2 freed of the variance of a mean of DRAWS, by sample, a mean over
    layers."""
    errors, biases = [], []
    for gradient in gradients:
        rows = gradient.reshape(len(gradient), -1)
        draws = torch.stack([one_bit.quantized_rows(rows, how, generator) for _ in range(DRAWS)]).double()
        size = (rows.double() ** 2).sum()
        error = ((draws - rows) ** 2).sum((1, 2)).mean() / size
        variance = draws.var(0).sum() / size
        errors.append(float(error))
        biases.append(max(0.0, float(error - variance)))
    return statistics.mean(errors), statistics.mean(biases)


def start(arguments: Any, images: torch.Tensor, labels: torch.Tensor) -> Any:
    """The network trained in float, by seed, kept in a file."""
    torch.manual_seed(arguments.seed)
    model = one_bit.BipolarResNet()
    file = arguments.output / f"float_{arguments.float_epochs:g}_{len(images)}_{arguments.seed}.state"
    if file.exists():
        model.load_state_dict(torch.load(file))
        return model
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.02)
    epochs_of(model, optimizer, 0.01, images, labels, arguments.float_epochs,
              torch.Generator().manual_seed(arguments.seed))
    part = file.with_suffix(".part")
    torch.save(model.state_dict(), part)
    part.replace(file)
    return model


def run(arguments: Any) -> int:
    database = runs.Runs(arguments.db, COLUMNS)
    key = runs.key_of(arguments)
    if database.has(key):
        print(f"in {arguments.db}: {key}")
        return 0
    torch.set_num_threads(arguments.threads)
    arguments.output.mkdir(parents=True, exist_ok=True)
    images, labels, test = runs.images_of(arguments)
    begun = time.process_time()
    model = start(arguments, images, labels)
    float_percent = train.accuracy(model, *test)
    how = one_bit.Gradients(arguments.bits, arguments.pruning, arguments.joint == "on")
    layers = one_bit.make_binary(model, how, arguments.seed)
    rate = RATES[arguments.optimizer]
    optimizer = (torch.optim.Adam(model.parameters(), lr=rate) if arguments.optimizer == "adam"
                 else torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9))
    generator = torch.Generator().manual_seed(arguments.seed + 1000)
    steps = epochs_of(model, optimizer, rate, images, labels, arguments.epochs, generator)
    percent = train.accuracy(model, *test)
    for layer in layers:
        layer.recorded = []
    model.train()
    functional.cross_entropy(model(images[:train.BATCH]), labels[:train.BATCH]).backward()
    error, bias = error_and_bias([gradient for layer in layers for gradient in layer.recorded], how, generator)
    database.insert((key, how.bits, how.pruning, how.joint, arguments.optimizer, arguments.seed, steps, len(images),
                     len(test[1]), float_percent, percent, error, bias, time.process_time() - begun))
    print(f"{how}, {arguments.optimizer}, seed {arguments.seed}: {percent:.2f} % (in float {float_percent:.2f} %), "
          f"gradient error {error:.3g}, bias {bias:.3g}")
    return 0


def table(arguments: Any) -> int:
    groups = runs.Runs(arguments.db, COLUMNS).groups(
        ("bits", "pruning", "joint", "optimizer", "steps"),
        ("percent", "float_percent", "gradient_error", "gradient_bias"), "optimizer, bits, pruning, joint, steps, seed")
    print("| gradient bits | pruning | joint | optimizer | steps | seeds | percent right, median (least to most) "
          "| before, in float | error of gradients | of it bias |\n|---|---|---|---|---|---|---|---|---|---|")
    for (bits, pruning, joint, optimizer, steps), own in groups.items():
        print(f"| {bits or 32} | {pruning} | {'on' if joint else 'off'} | {optimizer} | {steps} | {len(own)} "
              f"| {runs.spread([row[0] for row in own])} "
              f"| {statistics.median(row[1] for row in own):.2f} | {statistics.median(row[2] for row in own):.3g} "
              f"| {statistics.median(row[3] for row in own):.3g} |")
    return 0


def errors(_: Any) -> int:
    """Of every way to quantize: the error, and of it the bias, median of three seeds."""
    spreads = (0, 1, 2, 3)
    print("| bits | pruning |" + "".join(f" spread {spread} |" for spread in spreads) + "\n|---|---|" + "---|" * 4)
    for bits, pruning in ((1, "none"), (2, "none"), (4, "none"), (2, "biased"), (4, "biased"), (2, "unbiased"),
                          (4, "unbiased")):
        cells = []
        for spread in spreads:
            pairs = []
            for seed in (1, 2, 3):
                generator = torch.Generator().manual_seed(seed)
                scales = torch.exp(spread * torch.randn(128, 1, generator=generator))
                rows = torch.randn(128, 256, generator=generator) * scales
                pairs.append(error_and_bias([rows], one_bit.Gradients(bits, pruning), generator))
            error, bias = (statistics.median(values) for values in zip(*pairs))
            cells.append(f" {error:.3g} ({bias:.2g}) |")
        print(f"| {bits} | {pruning} |" + "".join(cells), flush=True)
    return 0


def parsed(words: Any = None) -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    own = commands.add_parser("run")
    own.add_argument("--bits", type=int, choices=(0, 1, 2, 4), required=True)
    own.add_argument("--pruning", choices=("none", "biased", "unbiased"), default="none")
    own.add_argument("--joint", choices=("on", "off"), default="on")
    own.add_argument("--optimizer", choices=sorted(RATES), default="adam")
    own.add_argument("--seed", type=int, default=1)
    own.add_argument("--float-epochs", type=float, default=4)
    own.add_argument("--epochs", type=float, default=4)
    own.add_argument("--images", type=int, default=0, help="the first N training images; 0: all")
    own.add_argument("--test-images", type=int, default=10000, help="the first N test images")
    own.add_argument("--db", required=True)
    own.add_argument("--output", type=pathlib.Path, default=pathlib.Path("build/training"))
    own.add_argument("--threads", type=int, default=1)
    own.add_argument("--data", type=pathlib.Path, default=pathlib.Path("/usr/share/datasets/fashion-mnist"))
    commands.add_parser("table").add_argument("--db", required=True)
    commands.add_parser("errors")
    arguments = parser.parse_args(words)
    if arguments.command == "run" and not (arguments.epochs > 0 and arguments.float_epochs > 0):
        parser.error("--epochs, --float-epochs: numbers above 0")
    if arguments.command == "run" and 0 != arguments.images < train.BATCH:
        parser.error(f"--images: 0 or at least {train.BATCH}")
    return arguments


def main() -> int:
    arguments = parsed()
    return {"run": run, "table": table, "errors": errors}[arguments.command](arguments)


if __name__ == "__main__":
    sys.exit(main())
