"""The lines of a job's log that programs read: metrics and progress.

Jobs print them, the job's MetricDefinitions and `operations watch` read them:

    metric train:loss=0.0512 step=800
    progress step=800/1404 epoch=2/3 seconds_left=24 resumed=400 train:loss=0.0512 validation:accuracy=0.983

A progress line is whole by itself, so that the newest one is enough: a reader never needs the log before it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_METRIC = re.compile(r"metric (?P<name>\S+)=(?P<value>[0-9.eE+-]+)")
_PAIR = re.compile(r"(?P<name>[^\s=]+)=(?P<value>\S+)")
_COUNT = re.compile(r"(\d+)/([1-9]\d*)")


@dataclass(frozen=True)
class Progress:
    """The position of a job: `done` of `total` units, such as `step` or `train_records`.

    `epoch` and `epochs` are 0 outside a training, `resumed` is 0 or the step of the checkpoint that the run began with,
    `seconds_left` is None until it can be estimated. `metrics` has the latest value of each metric.
    """

    unit: str
    done: int
    total: int
    epoch: int = 0
    epochs: int = 0
    seconds_left: float | None = None
    resumed: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """The part that is done, from 0 to 1."""
        return min(self.done / self.total, 1.0)


def metric_line(name: str, value: float, step: int) -> str:
    return f"metric {name}={value:.6g} step={step}"


def metric_in(line: str) -> tuple[str, float] | None:
    """The name and value of a metric line; None for another line."""
    if found := _METRIC.match(line):
        try:
            return found["name"], float(found["value"])
        except ValueError:
            return None
    return None


def progress_line(progress: Progress) -> str:
    pairs = {progress.unit: f"{progress.done}/{progress.total}"}
    if progress.epochs:
        pairs["epoch"] = f"{progress.epoch}/{progress.epochs}"
    if progress.seconds_left is not None:
        pairs["seconds_left"] = f"{progress.seconds_left:.0f}"
    if progress.resumed:
        pairs["resumed"] = f"{progress.resumed}"
    pairs |= {name: f"{value:.6g}" for name, value in progress.metrics.items()}
    return " ".join(["progress", *(f"{name}={value}" for name, value in pairs.items())])


def progress_in(line: str) -> Progress | None:
    """The position in a progress line; None for another or a damaged line."""
    word, _, rest = line.strip().partition(" ")
    pairs = dict(_PAIR.findall(rest))
    if word != "progress" or len(pairs) != len(rest.split()):
        return None
    unit, count = next(iter(pairs.items()), ("", ""))
    epoch = _COUNT.fullmatch(pairs.get("epoch", "0/1"))
    if not (found := _COUNT.fullmatch(count)) or not epoch:
        return None
    try:
        numbers = {name: float(value) for name, value in pairs.items() if name not in {unit, "epoch"}}
    except ValueError:
        return None
    return Progress(
        unit=unit,
        done=int(found[1]),
        total=int(found[2]),
        epoch=int(epoch[1]),
        epochs=int(epoch[2]) if "epoch" in pairs else 0,
        seconds_left=numbers.pop("seconds_left", None),
        resumed=int(numbers.pop("resumed", 0)),
        metrics=numbers,
    )
