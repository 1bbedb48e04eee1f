"""A job in lines of any width: a bar, its position, its metrics, the time left.

The order of importance in a narrow terminal: the facts that are `needed` stand at every width, in as many lines as they
take; those beyond, `more`, only where the last line has room, the job's name last of all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.text import Text

from operations.terminal.render import left
from operations.workflows.jobs import JobView
from operations.workflows.tuning_jobs import Search, Trial
from pages.run_log import Progress

SHORTEST_BAR, NARROW_BAR, LONGEST_BAR = 8, 16, 24
MOST_TRIALS = 8
_GAP = "  "
_MOST_METRICS, _MOST_CHARACTERS = 4, 100


@dataclass(frozen=True)
class Facts:
    """The parts of a line, the most important first. `share` is that of the bar, None without one."""

    needed: tuple[str, ...]
    more: tuple[str, ...] = ()
    share: float | None = None


def facts(job: JobView) -> Facts:
    """The facts of a job; of a search those of all its trials together."""
    if job.search:
        return _of_search(job.search, job.name)
    log = job.log
    again = f"interrupted {_times(job.interruptions)}, goes on from its checkpoint" if job.interruptions else ""
    share = log.progress.share if log.progress else None
    if job.phase:
        return Facts(_some(job.phase, again), (job.name,), share)
    needed, more = _measured(log.metrics)
    if log.progress:
        where, when = _position(log.progress)
        begun = "" if log.progress.resumed or not again else f"interrupted {_times(job.interruptions)}, began anew"
        return Facts(_some(*where, *needed, *when, begun), _some(log.line, *more, job.name), share)
    return Facts(_some(_cut(log.line), *needed, again), (*more, job.name))


def trial_facts(trial: Trial, metric: str) -> Facts:
    """The facts of one trial of a search, without a bar: the trials stand side by side."""
    values = tuple(f"{name} {_shortened(value)}" for name, value in trial.values.items())
    if not trial.running:
        result = "no result" if trial.objective is None else f"{label(metric)} {number(trial.objective)}"
        return Facts((trial.status.lower() if trial.status != "Completed" else "done", result), values)
    measured, _ = _measured(trial.log.metrics)
    if trial.log.progress:
        where, when = _position(trial.log.progress)
        return Facts(_some(*where, *measured, *when), values)
    return Facts(_some(_cut(trial.log.line) or "starts", *measured), values)


def trials(search: Search) -> tuple[Trial, ...]:
    """The trials worth a line, by their number: the best, those that run, and the newest others."""
    order = sorted(search.trials, key=lambda trial: (trial != search.best, not trial.running, -trial.number))
    return tuple(sorted(order[:MOST_TRIALS], key=lambda trial: trial.number))


def lines(facts: Facts, width: int) -> list[Text]:
    """The facts in lines of at most `width` columns. The console wraps a fact that is longer."""
    parts = [folded(part) for part in facts.needed]
    if facts.share is not None:
        parts.insert(0, bar(facts.share, _bar_width(facts, width)))
    shown: list[Text] = []
    for part in parts:
        if shown and shown[-1].cell_len + len(_GAP) + part.cell_len <= width:
            shown[-1] = Text.assemble(shown[-1], _GAP, part)
        else:
            shown.append(part)
    for text in facts.more:
        if not shown or shown[-1].cell_len + len(_GAP) + len(text) > width:
            break
        shown[-1] = Text.assemble(shown[-1], _GAP, (text, "dim"))
    return shown


def plain(facts: Facts) -> str:
    """The needed facts in one line for a log, without a bar."""
    share = () if facts.share is None else (f"{facts.share:.0%}",)
    return _GAP.join((*share, *facts.needed))


def folded(text: str, style: str = "") -> Text:
    """A text that is wrapped, and never cut, on consoles with soft_wrap, too."""
    return Text(text, style, no_wrap=False, overflow="fold")


def bar(share: float, width: int) -> Text:
    """A bar that can be read without colours, too."""
    done = int(share * width)
    return Text.assemble(("━" * done, "green"), ("─" * (width - done), "dim"))


def label(metric: str) -> str:
    """A metric's name without its split: `validation:accuracy` is accuracy."""
    return (metric.partition(":")[2] or metric).replace("_", " ")


def number(value: float) -> str:
    """Four digits, zeros at the end included: a value that changes must not move what stands beside it."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:#.4g}"


def _of_search(search: Search, name: str) -> Facts:
    most = f" of {search.most}" if search.most else ""
    best = search.best
    running = sum(trial.running for trial in search.trials)
    result = f"best {label(search.metric)} {number(best.objective)}" if best and best.objective is not None else ""
    needed = _some(
        f"{search.ended}{most} trials ended",
        f"{running} running" if running else "",
        f"{search.failed} failed" if search.failed else "",
        f"{result} (trial {best.number})" if best and result else "",
    )
    return Facts(needed, (name,), search.ended / search.most if search.most else None)


def _position(progress: Progress) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The place of a job, and the time left."""
    epoch = f"epoch {progress.epoch}/{progress.epochs}" if progress.epochs else ""
    where = _some(epoch, f"{progress.unit.replace('_', ' ')} {progress.done}/{progress.total}")
    remaining = "" if progress.seconds_left is None else left(progress.seconds_left)
    return where, _some(remaining, f"resumed at step {progress.resumed}" if progress.resumed else "")


def _measured(metrics: Mapping[str, float]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The metrics that are needed, and the others: losses of the training, then what the validation measures."""
    ranked = sorted(metrics, key=_rank)
    needed = [name for name in ranked if _rank(name) < 2][:_MOST_METRICS]
    said = {name: f"{_distinct(name, metrics)} {number(metrics[name])}" for name in ranked}
    return tuple(said[name] for name in needed), tuple(said[name] for name in ranked if name not in needed)


def _rank(metric: str) -> int:
    of_training, is_loss = metric.startswith("train:"), "loss" in metric
    if metric.startswith("validation:") and is_loss:
        return 2
    return 0 if is_loss else 3 if of_training else 1


def _distinct(metric: str, metrics: Mapping[str, float]) -> str:
    split, _, rest = metric.partition(":")
    return f"{split} {label(metric)}" if split == "validation" and f"train:{rest}" in metrics else label(metric)


def _bar_width(facts: Facts, width: int) -> int:
    room = width - sum(len(_GAP) + len(part) for part in facts.needed)
    return min(room, LONGEST_BAR) if room >= SHORTEST_BAR else NARROW_BAR


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _shortened(value: str) -> str:
    try:
        return f"{float(value):.4g}"
    except ValueError:
        return value.strip('"')


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 1]}…"


def _some(*parts: str) -> tuple[str, ...]:
    return tuple(part for part in parts if part)
