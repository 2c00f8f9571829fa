# Trains a small U-Net that takes noise out of pictures of Fashion-MNIST, writes denoiser.onnx and pictures made by it.
# SPDX-License-Identifier: Apache-2.0
"""
  diffusion.py --output FOLDER [--steps N] [--seed S] [--threads N] [--images N] [--data FOLDER]

A picture x, from -1 to 1, is hidden in noise e at the time t from 0 to 1: z = cos(t pi/2) x + sin(t pi/2) e. The
network takes [n, 2, 28, 28], z and t in every pixel, and gives v = cos(t pi/2) e - sin(t pi/2) x (arXiv 2202.00512),
so that x = cos(t pi/2) z - sin(t pi/2) v and e = sin(t pi/2) z + cos(t pi/2) v. `sample` takes the deterministic steps of
DDIM (arXiv 2010.02502) from noise to a picture. What is exported is the running mean of the weights; denoiser.npy
has some noise and its pictures. A state is kept
in FOLDER every KEEP steps: the same command goes on from there. The script ends with code 1, and writes nothing, where the
mean squared error of v on test images is above BAR."""

import argparse
import copy
import math
import pathlib
import sys
import time

import models
import numpy
import torch
import train
from torch import nn
from torch.nn import functional

BAR = 0.2
WIDTHS = (32, 64)
STEPS, BATCH, RATE, DECAY = 5000, 64, 0.002, 0.01
MEMORY = 0.998  # of the running mean, at the end
KEEP = 100
STORED, STORED_STEPS = 2, 10  # noise whose pictures are stored, and how many steps they took


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.second.weight)

    def forward(self, x):
        return x + self.second(functional.silu(self.first(functional.silu(x))))


class Denoiser(nn.Module):
    """At 14 x 14 and 7 x 7 pixels; no normalisation, residual blocks begin as nothing."""

    def __init__(self, widths=WIDTHS):
        super().__init__()
        wide, deep = widths
        self.stem = nn.Conv2d(2, wide, 4, 2, 1)
        self.before = Residual(wide)
        self.down = nn.Conv2d(wide, deep, 3, 2, 1)
        self.middle = nn.Sequential(Residual(deep), Residual(deep))
        self.up = nn.Conv2d(deep, wide, 3, padding=1)
        self.join = nn.Conv2d(2 * wide, wide, 3, padding=1)
        self.after = Residual(wide)
        self.last = nn.ConvTranspose2d(wide, 1, 4, 2, 1)

    def forward(self, x):
        wide = self.before(self.stem(x))
        deep = self.middle(self.down(functional.silu(wide)))
        risen = self.up(functional.interpolate(functional.silu(deep), scale_factor=2.0, mode="nearest"))
        joined = self.join(functional.silu(torch.cat([wide, risen], 1)))
        return self.last(functional.silu(self.after(joined)))


def shares(times):
    """Of the picture and of the noise at each time, [n, 1, 1, 1]."""
    angles = times.reshape(-1, 1, 1, 1) * (math.pi / 2)
    return angles.cos(), angles.sin()


def with_time(z, times):
    """The network's input."""
    return torch.cat([z, times.reshape(-1, 1, 1, 1).expand_as(z)], 1)


def hidden(pictures, times, generator):
    """Input and wanted output for pictures hidden in noise."""
    noise = torch.randn(pictures.shape, generator=generator)
    picture, rest = shares(times)
    return with_time(picture * pictures + rest * noise, times), picture * noise - rest * pictures


def sample(model, noise, steps):
    """Pictures from noise, by `steps` evaluations at the times 1, 1 - 1/steps, ..., 1/steps."""
    z = noise
    with torch.no_grad():
        for step in range(steps, 0, -1):
            now, then = (torch.full((len(z),), value / steps) for value in (step, step - 1))
            picture, rest = shares(now)
            v = model(with_time(z, now))
            x, e = picture * z - rest * v, rest * z + picture * v
            picture, rest = shares(then)
            z = picture * x.clamp(-1, 1) + rest * e
    return z


def error(model, pictures):
    """Mean squared error of v over times that are evenly spaced, always with the same noise."""
    generator = torch.Generator().manual_seed(1)
    times = (torch.arange(len(pictures)) + 0.5) / len(pictures)
    times = times[torch.randperm(len(pictures), generator=generator)]
    inputs, wanted = hidden(pictures, times, generator)
    with torch.no_grad():
        total = sum(functional.mse_loss(model(x), y, reduction="sum").item()
                    for x, y in zip(inputs.split(250), wanted.split(250)))
    return total / wanted.numel()


def fit(model, pictures, tests, steps, seed, file):
    """The running mean of the model. Goes on with the state in `file`, and keeps it there."""
    mean = copy.deepcopy(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)
    generator = torch.Generator().manual_seed(seed)
    first, total, start = 1, 0.0, time.process_time()
    parts = {"model": model, "mean": mean, "optimizer": optimizer, "schedule": schedule}
    if file.exists():
        state = torch.load(file)
        if state["steps"] != steps or state["seed"] != seed:
            sys.exit(f"{file}: of {state['steps']} steps and seed {state['seed']}; remove it")
        for name, part in parts.items():
            part.load_state_dict(state[name])
        generator.set_state(state["generator"])
        first = state["step"] + 1
    for step in range(first, steps + 1):
        taken = pictures[torch.randint(0, len(pictures), (BATCH,), generator=generator)]
        inputs, wanted = hidden(taken, torch.rand(BATCH, generator=generator), generator)
        loss = functional.mse_loss(model(inputs), wanted)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        with torch.no_grad():
            memory = min(MEMORY, step / (step + 10))
            for kept, now in zip(mean.parameters(), model.parameters()):
                kept.lerp_(now, 1 - memory)
        total += loss.item()
        if step % KEEP == 0:
            print(f"denoiser step {step}/{steps}: {total / KEEP:.4f}, {time.process_time() - start:.0f} s of CPU time",
                  flush=True)
            total = 0.0
            state = {name: part.state_dict() for name, part in parts.items()}
            torch.save({**state, "generator": generator.get_state(), "step": step, "steps": steps, "seed": seed}, file)
    print(f"denoiser: mean squared error of v on test images {error(mean, tests):.4f}", flush=True)
    return mean


def pictures_of(folder, part, count):
    images, _ = train.load(folder, part)
    return images[:count] * 2 - 1


def export(model, folder):
    models.export(model, torch.zeros(2, 2, 28, 28), folder / "denoiser.onnx", "picture_and_time", "v")
    noise = torch.randn((STORED, 1, 28, 28), generator=torch.Generator().manual_seed(2))
    pictures = sample(model, noise, STORED_STEPS)
    numpy.save(folder / "denoiser.npy", torch.stack([noise, pictures]).numpy())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--images", type=int, default=60000)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("/usr/share/datasets/fashion-mnist"))
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    arguments.output.mkdir(parents=True, exist_ok=True)
    model = Denoiser()
    print(f"denoiser: {sum(p.numel() for p in model.parameters())} weights")
    tests = pictures_of(arguments.data, "t10k", 2000)
    mean = fit(model, pictures_of(arguments.data, "train", arguments.images), tests, arguments.steps, arguments.seed,
               arguments.output / "denoiser.pt")
    if error(mean, tests) > BAR:
        print(f"denoiser: {BAR} at most are needed")
        return 1
    export(mean, arguments.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
