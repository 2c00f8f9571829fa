# The controller of a one-shot search: a format for each layer, learned by REINFORCE (FLIQS, arXiv 2308.03290).
# SPDX-License-Identifier: Apache-2.0
"""
Every step one format is drawn for each layer, by the softmax of its logits (uniformly before `delay` steps).
With the loss L of one training step of the weights at these formats:

    reward   = -L - |1 - cost / budget|
    loss     = -(reward - baseline) * mean over layers of log p(drawn) + h(t) * mean entropy
    baseline = moving mean of rewards, 0.99

h(t) rises from 0 to `entropy` by half a cosine over the steps after the delay, so that the choice sharpens
towards the end. Adam, rate 0.005; logits start at 0.5."""

import math
from typing import Any, Sequence

import torch

BASELINE = 0.99


class Controller:
    def __init__(self, costs: Sequence, budget: float, steps: int, seed: int, *, delay: float = 0.25,
                 rate: float = 0.005, entropy: float = 0.5) -> None:
        """costs: [layer][option], which add up; a layer with one option has no choice."""
        self.costs = [torch.tensor(row, dtype=torch.float64) for row in costs]
        self.budget, self.steps, self.entropy = budget, steps, entropy
        self.delay = int(delay * steps)
        self.logits = [torch.full((len(row),), 0.5, requires_grad=True) for row in costs]
        self.optimizer = torch.optim.Adam(self.logits, lr=rate)
        self.generator = torch.Generator().manual_seed(seed)
        self.baseline = math.nan
        self.step = 0

    def draw(self) -> list:
        """An option for each layer."""
        choice = []
        for logits in self.logits:
            odds = torch.softmax(logits.detach(), 0)
            if self.step < self.delay:
                odds = torch.full_like(odds, 1 / len(odds))
            choice.append(int(torch.multinomial(odds, 1, generator=self.generator)))
        return choice

    def cost(self, choice: Sequence) -> float:
        return sum(float(row[option]) for row, option in zip(self.costs, choice))

    def reward(self, loss: float, choice: Sequence) -> float:
        return -loss - abs(1 - self.cost(choice) / self.budget)

    def entropy_weight(self) -> float:
        done = (self.step - self.delay) / max(1, self.steps - self.delay)
        return self.entropy * 0.5 * (1 - math.cos(math.pi * min(1.0, max(0.0, done))))

    def learn(self, choice: Sequence, loss: float) -> None:
        """After a step at `choice` that gave the training loss `loss`."""
        reward = self.reward(loss, choice)
        if math.isnan(self.baseline):
            self.baseline = reward
        if self.step >= self.delay:
            logs = [torch.log_softmax(logits, 0) for logits in self.logits]
            chosen = torch.stack([log[option] for log, option in zip(logs, choice)]).mean()
            entropy = torch.stack([-(log.exp() * log).sum() for log in logs]).mean()
            objective = -(reward - self.baseline) * chosen + self.entropy_weight() * entropy
            self.optimizer.zero_grad()
            objective.backward()
            self.optimizer.step()
        self.baseline = BASELINE * self.baseline + (1 - BASELINE) * reward
        self.step += 1

    def best(self) -> list:
        """The likeliest option of each layer."""
        return [int(logits.detach().argmax()) for logits in self.logits]

    def state(self) -> dict:
        return {"logits": [logits.detach() for logits in self.logits], "baseline": self.baseline,
                "step": self.step, "generator": self.generator.get_state(),
                "optimizer": self.optimizer.state_dict()}

    def load(self, state: dict) -> None:
        with torch.no_grad():
            for own, saved in zip(self.logits, state["logits"]):
                own.copy_(saved)
        self.baseline, self.step = state["baseline"], state["step"]
        self.generator.set_state(state["generator"])
        self.optimizer.load_state_dict(state["optimizer"])


def within(controller: Any) -> list:
    """best(), and where that costs more than the budget, the changes of one layer to a cheaper option that
    lose least likelihood for what they save, until it is kept (all cheapest where nothing is within)."""
    choice = controller.best()
    while controller.cost(choice) > controller.budget * (1 + 1e-9):
        moves = []
        for layer, (row, logits) in enumerate(zip(controller.costs, controller.logits)):
            log = torch.log_softmax(logits.detach(), 0)
            for option in range(len(row)):
                saved = float(row[choice[layer]] - row[option])
                if saved > 0:
                    moves.append((float(log[choice[layer]] - log[option]) / saved, layer, option))
        if not moves:
            break
        _, layer, option = min(moves)
        choice[layer] = option
    return choice
