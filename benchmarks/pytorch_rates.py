"""Training rates of the reference networks in PyTorch, as one line of JSON.

    .cache/pytorch/bin/python benchmarks/pytorch_rates.py {cnn,lstm,gan} [--batch-size 256] [--steps 40]

Each uses PyTorch well: channels-last, a large batch, tensors in memory, no logging between the steps. bfloat16 is tried
as well, and the faster of the two formats counts. This file imports nothing of this project.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

Step = Callable[[], None]
WARM_UP = 5
LENGTH, WORDS = 200, 10_000


def cnn(batch: int) -> Step:
    """The reference CNN with Adam on images of 28 x 28."""
    network = nn.Sequential(
        *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)),
    ).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    images = torch.rand(batch, 1, 28, 28).to(memory_format=torch.channels_last)
    labels = torch.randint(0, 10, (batch,))

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        functional.cross_entropy(network(images).float(), labels).backward()
        optimizer.step()

    return step


class Sentiment(nn.Module):
    """The reference LSTM: Embedding 32, LSTM 128, Dropout 0.5, one output."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.lstm = nn.Embedding(WORDS, 32), nn.LSTM(32, 128, batch_first=True)
        self.head = nn.Sequential(nn.Dropout(0.5), nn.Linear(128, 1))

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        """Logits float32 [n, 1] of words int64 [n, length]."""
        _, (last, _) = self.lstm(self.embedding(words))
        return self.head(last[-1])


def lstm(batch: int) -> Step:
    """The reference LSTM with Adam on reviews of 200 words."""
    network = Sentiment()
    optimizer = torch.optim.Adam(network.parameters())
    words, labels = torch.randint(0, WORDS, (batch, LENGTH)), torch.randint(0, 2, (batch, 1)).float()

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        functional.binary_cross_entropy_with_logits(network(words).float(), labels).backward()
        optimizer.step()

    return step


def gan(batch: int) -> Step:
    """The reference GAN with RMSprop: noise 100, three transposed convolutions against two convolutions."""
    generator, discriminator = _generator(), _discriminator()
    ours, theirs = (torch.optim.RMSprop(each.parameters(), 8e-4) for each in (generator, discriminator))
    real = (torch.rand(batch, 1, 28, 28) * 2 - 1).to(memory_format=torch.channels_last)
    one, zero = torch.ones(batch, 1), torch.zeros(batch, 1)
    loss = functional.binary_cross_entropy_with_logits

    def step() -> None:
        fake = generator(torch.randn(batch, 100))
        theirs.zero_grad(set_to_none=True)
        judged = loss(discriminator(real).float(), one) + loss(discriminator(fake.detach()).float(), zero)
        judged.backward()
        theirs.step()
        ours.zero_grad(set_to_none=True)
        loss(discriminator(fake).float(), one).backward()
        ours.step()

    return step


def _generator() -> nn.Module:
    up = nn.ConvTranspose2d
    return nn.Sequential(
        *(nn.Linear(100, 7 * 7 * 256, bias=False), nn.BatchNorm1d(7 * 7 * 256), nn.LeakyReLU(0.3)),
        *(nn.Unflatten(1, (256, 7, 7)), up(256, 128, 5, 1, 2, bias=False), nn.BatchNorm2d(128), nn.LeakyReLU(0.3)),
        *(up(128, 64, 5, 2, 2, 1, bias=False), nn.BatchNorm2d(64), nn.LeakyReLU(0.3)),
        *(up(64, 1, 5, 2, 2, 1, bias=False), nn.Tanh()),
    ).to(memory_format=torch.channels_last)


def _discriminator() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(1, 64, 5, 2, 2), nn.LeakyReLU(0.3), nn.Dropout(0.3)),
        *(nn.Conv2d(64, 128, 5, 2, 2), nn.LeakyReLU(0.3), nn.Dropout(0.3), nn.Flatten(), nn.Linear(7 * 7 * 128, 1)),
    ).to(memory_format=torch.channels_last)


MODELS: dict[str, Callable[[int], Step]] = {"cnn": cnn, "lstm": lstm, "gan": gan}


def rate(model: str, batch: int, steps: int, dtype: torch.dtype) -> dict[str, float | str]:
    """Examples per second and CPU microseconds per example of one network in one format."""
    torch.manual_seed(0)
    with torch.autocast("cpu", dtype, enabled=dtype is not torch.float32):
        step = MODELS[model](batch)
        for _ in range(WARM_UP):
            step()
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(steps):
            step()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    examples = batch * steps
    format_ = str(dtype).removeprefix("torch.")
    return {"format": format_, "per_second": examples / wall, "cpu_microseconds": cpu / examples * 1e6}


def main() -> None:
    """Print the faster of float32 and bfloat16."""
    parser = argparse.ArgumentParser(description="Training rates of the reference networks in PyTorch.")
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--steps", type=int, default=40)
    arguments = parser.parse_args()
    formats = (torch.float32, torch.bfloat16)
    found = [rate(arguments.model, arguments.batch_size, arguments.steps, dtype) for dtype in formats]
    best = max(found, key=lambda each: each["per_second"])
    print(
        json.dumps({"model": arguments.model, "batch_size": arguments.batch_size, "torch": torch.__version__, **best})
    )


if __name__ == "__main__":
    main()
