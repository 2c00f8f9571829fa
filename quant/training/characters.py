# Trains a transformer that says the next character and writes characters.onnx, and what it makes of held-out text.
# SPDX-License-Identifier: Apache-2.0
"""
  characters.py --output FOLDER [--steps N] [--seed S] [--threads N]

The text is that of text.py. characters.npy gets the logits of the first STORED windows of held-out text, characters.json
the bits per character of all of it and the share of next characters that are right. The weights of the last step are exported; held-out text chooses nothing. The
script ends with code 1, and writes nothing, where they need more than BAR bits per character of it."""

import argparse
import json
import math
import os
import pathlib
import sys
import time

# Threads of OpenBLAS wait by yielding: beside other work they would hardly run. Read when NumPy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import models
import numpy
import text
import torch
from torch import nn
from torch.nn import functional

BAR = 2.2
WIDTH, DEPTH, HEADS = 96, 3, 4
STEPS, BATCH, RATE, DECAY = 1200, 32, 0.004, 0.05
STORED = 2  # windows whose logits are stored


class CausalAttention(models.Attention):
    """No character sees one behind it."""

    def __init__(self, width, heads):
        super().__init__(width, heads)
        self.register_buffer("mask", torch.full((text.TOKENS, text.TOKENS), -math.inf).triu(1), False)

    def weights(self, scores):
        return functional.softmax(scores + self.mask, dim=-1)


class Characters(nn.Module):
    """Embeddings of a character, of the one before it and of the one before that, and of its place;
    encoders; scores of the next one."""

    def __init__(self):
        super().__init__()
        self.embeddings = nn.ModuleList(nn.Embedding(text.CLASSES, WIDTH) for _ in range(text.BEFORE + 1))
        self.positions = nn.Parameter(torch.randn(text.TOKENS, WIDTH) * 0.02)
        self.encoders = nn.Sequential(*[models.Encoder(WIDTH, HEADS, 4 * WIDTH) for _ in range(DEPTH)])
        for encoder in self.encoders:
            encoder.attention = CausalAttention(WIDTH, HEADS)
            for last in (encoder.attention.output, encoder.narrow):
                nn.init.normal_(last.weight, std=0.1 / math.sqrt(WIDTH * DEPTH))
        for embedding in self.embeddings:
            nn.init.normal_(embedding.weight, std=0.3)
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, text.CLASSES)

    def forward(self, characters):
        codes = characters.long()
        x = self.positions
        for back, embedding in enumerate(self.embeddings):
            first = text.BEFORE - back
            x = x + embedding(codes[:, first:first + text.TOKENS])
        return self.head(self.norm(self.encoders(x)))


def measure(model, inputs, labels):
    """Mean of -log2 of the probability of each label, and the percentage of labels with the largest logit."""
    model.eval()
    total, right = 0.0, 0
    with torch.no_grad():
        for x, y in zip(inputs.split(64), labels.split(64)):
            logits = model(x).flatten(0, 1)
            total += functional.cross_entropy(logits, y.flatten(), reduction="sum").item()
            right += (logits.argmax(1) == y.flatten()).sum().item()
    return total / labels.numel() / math.log(2), 100 * right / labels.numel()


def train(model, training, test, steps, seed):
    generator = torch.Generator().manual_seed(seed)
    decayed = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": DECAY},
                                   {"params": others, "weight_decay": 0}], lr=RATE, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, [RATE, RATE], total_steps=steps, pct_start=0.1)
    places = torch.arange(text.BEFORE + text.TOKENS + 1)
    last = len(training) - len(places)
    total, start = 0.0, time.process_time()
    for step in range(1, steps + 1):
        model.train()
        taken = training[torch.randint(0, last, (BATCH, 1), generator=generator) + places]
        loss = functional.cross_entropy(model(taken[:, :-1]).flatten(0, 1),
                                        taken[:, text.BEFORE + 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        total += loss.item()
        if step % 100 == 0:
            print(f"characters step {step}/{steps}: {total / 100 / math.log(2):.3f} bits, held-out text "
                  f"{measure(model, test[0][:128], test[1][:128])[0]:.3f}, {time.process_time() - start:.0f} s of CPU time",
                  flush=True)
            total = 0.0


def export(model, inputs, folder, bits, right):
    folder.mkdir(parents=True, exist_ok=True)
    models.export(model, inputs[:2], folder / "characters.onnx", "characters")
    with torch.no_grad():
        numpy.save(folder / "characters.npy", model(inputs[:STORED]).numpy())
    result = {"bits_per_character": round(bits, 4), "percent_right": round(right, 2)}
    (folder / "characters.json").write_text(json.dumps(result) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    training, held = text.load()
    inputs, labels = (torch.from_numpy(numpy.ascontiguousarray(part)) for part in text.windows(held))
    inputs, labels = inputs.float(), labels.long()
    model = Characters()
    print(f"characters: {sum(p.numel() for p in model.parameters())} weights")
    train(model, torch.from_numpy(training).long(), (inputs, labels), arguments.steps, arguments.seed)
    bits, right = measure(model, inputs, labels)
    print(f"characters: {bits:.4f} bits per character of held-out text, {right:.2f} % of next characters right")
    if bits > BAR:
        print(f"characters: {BAR} are needed")
        return 1
    export(model, inputs, arguments.output, bits, right)
    return 0


if __name__ == "__main__":
    sys.exit(main())
