#!/usr/bin/env python3
# Trains networks in few bits: at one format, or at a format for each layer that a search during training finds.
# SPDX-License-Identifier: Apache-2.0
"""
  fliqs.py search NETWORK --space {int,minifloat,both} --cost MODEL --budget X --db FILE [options]
  fliqs.py uniform NETWORK --format NAME --cost MODEL --db FILE [options]
  fliqs.py table --db FILE

All layers between the edges have one format of a list, for weights and activations alike; the first and the
last have int8. A search trains weights and controller together for --search-share of the steps (controller.py),
then the weights alone at the formats that it found, without another start; `uniform` trains as many steps at one
format. One row of the database for each run, by its options: a run that is there is not done again, one that was
ended goes on where it last saved. Folder --output gets NAME.onnx, NAME.formats and NAME.scales, which

    fewbit quant run --network NAME.onnx --formats NAME.formats --activation-scales NAME.scales
      --images ... --labels ... --calibration-images ...

runs. The percentage is that of the last step on all test images, whatever it is; test images choose nothing."""

import argparse
import json
import pathlib
import statistics
import sys
import time
from typing import Any

import torch
from torch.nn import functional

import fewbit
import fewbit.torch

import controller as controllers
import costs
import models
import quantized
import runs
import train

SPACES = {
    "int": ("int3", "int4", "int5", "int6"),
    "minifloat": ("e2m0f", "e1m2f", "e2m1", "e1m3f", "e3m1f"),
}
SPACES["both"] = SPACES["int"] + SPACES["minifloat"]
BATCH = train.BATCH
SAVE = 200  # steps between two states on disk
COLUMNS = ("key", "network", "method", "formats_of", "cost_model", "budget", "cost", "seed", "steps",
           "test_images", "percent", "layers", "cpu_seconds", "version")


class Run:
    """One training: model, optimizer, where it is; saved and loaded as a whole."""

    def __init__(self, arguments: Any, images: torch.Tensor, labels: torch.Tensor) -> None:
        torch.manual_seed(arguments.seed)
        self.arguments, self.images, self.labels = arguments, images, labels
        self.model = models.NETWORKS[arguments.network]()
        self.layers = quantized.prepare(self.model, images[:256])
        self.edges = quantized.edge_layers(self.layers)
        self.steps = max(1, int(arguments.epochs * len(images) / BATCH))
        searching = arguments.command == "search"
        self.search_steps = int(self.steps * arguments.search_share) if searching else 0
        self.options = SPACES[arguments.space] if searching else (arguments.format,)
        setting = costs.Setting(database=arguments.costs or costs.published_database(arguments.output),
                                target=arguments.target, network=arguments.plan_network,
                                device=arguments.device, images_per_second=arguments.images_per_second)
        self.costs = costs.table(arguments.cost, self.layers, self.edges, self.options, setting)
        rows = [row[:1] if edge else row for row, edge in zip(self.costs, self.edges)]
        self.controller = controllers.Controller(rows, arguments.budget or 1.0, self.search_steps, arguments.seed,
                                                 delay=arguments.delay, entropy=arguments.entropy)
        self.choice = [0] * len(self.layers)
        _, rate, decay, _ = train.RECIPES[arguments.network]
        parameters = list(self.model.parameters())
        self.optimizer = torch.optim.AdamW(
            [{"params": [p for p in parameters if p.dim() > 1], "weight_decay": decay},
             {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0}], lr=rate)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, [rate, rate], total_steps=self.steps, pct_start=0.2)
        self.generator = torch.Generator().manual_seed(arguments.seed)
        self.order = torch.empty(0, dtype=torch.long)
        self.step, self.cpu_seconds = 0, 0.0

    def set_formats(self) -> None:
        names = [self.options[option] for option in self.choice]
        quantized.set_formats(self.layers, [quantized.EDGE if edge else quantized.Formats(name, name)
                                            for edge, name in zip(self.edges, names)])

    def batch(self) -> torch.Tensor:
        per_epoch = len(self.images) // BATCH
        if self.step % per_epoch == 0 or not len(self.order):
            self.order = torch.randperm(len(self.images), generator=self.generator)
        first = self.step % per_epoch * BATCH
        return self.order[first:first + BATCH]

    def one_step(self) -> float:
        if self.step < self.search_steps:
            self.choice = self.controller.draw()
        elif self.step == self.search_steps and self.search_steps:
            self.choice = controllers.within(self.controller)
        self.set_formats()
        batch = self.batch()
        x = train.augment(self.images[batch], self.generator)
        loss = functional.cross_entropy(self.model(x), self.labels[batch], label_smoothing=0.05)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.schedule.step()
        if self.step < self.search_steps:
            self.controller.learn(self.choice, loss.item())
        self.step += 1
        return loss.item()

    def operands(self) -> list:
        return [operand for layer in self.layers for operand in (layer.left, layer.right)]

    def save(self, file: pathlib.Path) -> None:
        part = file.with_suffix(".part")
        torch.save({"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(),
                    "schedule": self.schedule.state_dict(), "controller": self.controller.state(),
                    "choice": self.choice, "generator": self.generator.get_state(), "order": self.order,
                    "step": self.step, "cpu_seconds": self.cpu_seconds,
                    "scales": [(o.scales, o.uses) for o in self.operands()]}, part)
        part.replace(file)

    def load(self, file: pathlib.Path) -> None:
        state = torch.load(file)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.controller.load(state["controller"])
        self.generator.set_state(state["generator"])
        self.choice, self.order, self.step = state["choice"], state["order"], state["step"]
        self.cpu_seconds = state["cpu_seconds"]
        for operand, (scales, uses) in zip(self.operands(), state["scales"]):
            operand.scales, operand.uses = scales, uses

    def train(self, file: pathlib.Path, stop_at: int = 0) -> None:
        """To the last step, or to step `stop_at`, with a state on disk every SAVE steps."""
        if file.exists():
            self.load(file)
        self.model.train()
        last = stop_at or self.steps
        total, begun = 0.0, time.process_time()
        while self.step < last:
            total += self.one_step()
            if self.step % SAVE == 0 or self.step == last:
                self.cpu_seconds += time.process_time() - begun
                begun = time.process_time()
                self.save(file)
                count = (self.step - 1) % SAVE + 1
                print(f"{file.stem}: step {self.step} of {self.steps}, loss {total / count:.4f}, "
                      f"{self.cpu_seconds:.0f} CPU s", flush=True)
                total = 0.0


def name_of(arguments: Any) -> str:
    """Of files; the end tells apart what the rest does not say."""
    what = f"{arguments.space}_{arguments.budget:g}" if arguments.command == "search" else arguments.format
    return f"{arguments.network}_{what}_{arguments.cost}_{arguments.seed}_{runs.short_key(arguments)}"


def run(arguments: Any) -> int:
    database = runs.Runs(arguments.db, COLUMNS)
    key = runs.key_of(arguments)
    if database.has(key):
        print(f"{name_of(arguments)}: in {arguments.db}")
        return 0
    torch.set_num_threads(arguments.threads)
    images, labels, (test_images, test_labels) = runs.images_of(arguments)
    arguments.output.mkdir(parents=True, exist_ok=True)
    name = name_of(arguments)
    own = Run(arguments, images, labels)
    own.train(arguments.output / f"{name}.state")
    own.set_formats()
    quantized.fold(own.model)
    percent = train.accuracy(own.model, test_images, test_labels)
    quantized.write(own.model, own.layers, arguments.output / f"{name}.x", test_images)
    spent = sum(row[option] for row, option in zip(own.costs, own.choice))
    found = "/".join(own.options[option] for option, edge in zip(own.choice, own.edges) if not edge)
    database.insert((key, arguments.network, arguments.command,
                     arguments.space if arguments.command == "search" else arguments.format, arguments.cost,
                     arguments.budget, spent, arguments.seed, own.steps, len(test_images), percent,
                     json.dumps([[layer.formats.weights, layer.formats.activations] for layer in own.layers]),
                     own.cpu_seconds, fewbit.__version__))
    print(f"{name}: {percent:.2f} %, {arguments.cost} {spent:.2f}, {found}")
    return 0


def table(arguments: Any) -> int:
    """One line for each network, method and budget: median, least and most of its seeds."""
    groups = runs.Runs(arguments.db, COLUMNS).groups(
        ("network", "method", "formats_of", "cost_model", "budget", "steps", "test_images"),
        ("cost", "percent", "cpu_seconds"), "network, budget, steps, cost_model, method, formats_of, seed")
    print("| network | trained | formats | steps | budget | cost | seeds | percent right, median (least to most) "
          "| CPU minutes a run |\n|---|---|---|---|---|---|---|---|---|")
    for (network, method, formats, model, budget, steps, _), own in groups.items():
        print(f"| `{network}` | {method} | {formats} | {steps} | {'' if budget is None else f'{budget:g}'} "
              f"| {statistics.median(cost for cost, _, _ in own):.1f} {model} | {len(own)} "
              f"| {runs.spread([percent for _, percent, _ in own])} "
              f"| {statistics.mean(seconds for _, _, seconds in own) / 60:.1f} |")
    return 0


def parsed(words: Any = None) -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for command in ("search", "uniform"):
        own = commands.add_parser(command)
        own.add_argument("network", choices=sorted(models.NETWORKS))
        own.add_argument("--cost", choices=[*costs.MODELS, "accelerator"], default="luts")
        own.add_argument("--db", required=True)
        own.add_argument("--output", type=pathlib.Path, default=pathlib.Path("build/training"))
        own.add_argument("--seed", type=int, default=1)
        own.add_argument("--epochs", type=float, default=6)
        own.add_argument("--images", type=int, default=0, help="the first N training images; 0: all")
        own.add_argument("--test-images", type=int, default=10000, help="the first N test images")
        own.add_argument("--threads", type=int, default=1)
        own.add_argument("--costs", default="", help="results database; default: the published one")
        own.add_argument("--target", default="ice40-hx8k", help="of the macs")
        own.add_argument("--device", default="ecp5-25f", help="of the accelerator")
        own.add_argument("--images-per-second", type=int, default=2000, help="of the accelerator")
        own.add_argument("--plan-network", default="", help="ONNX file for fewbit plan")
        own.add_argument("--data", type=pathlib.Path, default=pathlib.Path("/usr/share/datasets/fashion-mnist"))
        own.set_defaults(budget=None, search_share=0.0, delay=0.0, entropy=0.0)
    search, uniform = commands.choices["search"], commands.choices["uniform"]
    search.add_argument("--space", choices=sorted(SPACES), required=True)
    search.add_argument("--budget", type=float, required=True)
    search.add_argument("--search-share", type=float, default=0.6)
    search.add_argument("--delay", type=float, default=0.25, help="of the steps of the search")
    search.add_argument("--entropy", type=float, default=0.5)
    uniform.add_argument("--format", required=True, help="of all layers but the edges")
    commands.add_parser("table").add_argument("--db", required=True)
    arguments = parser.parse_args(words)
    if arguments.command == "search" and not arguments.budget > 0:
        parser.error("--budget: a number above 0")
    if arguments.command == "search" and not 0 < arguments.search_share < 1:
        parser.error("--search-share: a number between 0 and 1")
    if arguments.command != "table" and not arguments.epochs > 0:
        parser.error("--epochs: a number above 0")
    if arguments.command != "table" and 0 != arguments.images < BATCH:
        parser.error(f"--images: 0 or at least {BATCH}")
    if arguments.command != "table" and arguments.cost == "accelerator" and not arguments.plan_network:
        parser.error("--plan-network: an ONNX file, for --cost accelerator")
    if arguments.command == "uniform":
        try:
            fewbit.torch.grid(arguments.format)
        except fewbit.RequestError as error:
            parser.error(f"--format: {error}")
    return arguments


def main() -> int:
    arguments = parsed()
    return table(arguments) if arguments.command == "table" else run(arguments)


if __name__ == "__main__":
    sys.exit(main())
