"""The champion, measured on the test split of the candidate by the candidate's code.

The workflow gives the input `champion`, its model.tar.gz, if the number that is stored with it is of other data.
"""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.common.container import Container
from training.common.errors import JobError
from training.common.evaluation_job import unpacked

INPUT = "champion"
LONGEST_PROBLEM = 300
"""The most characters of a problem: a description in the registry has 1,024, and says more."""


@dataclass(frozen=True)
class Champion:
    """The metrics of the champion, or the problem of measuring it.

    A job without its archive has neither.
    """

    metrics: Mapping[str, float] = field(default_factory=dict)
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        """The entry of evaluation.json that the gate reads; empty for a job without the archive."""
        if self.problem:
            return {"champion": {"problem": self.problem}}
        return {"champion": {"metrics": dict(self.metrics)}} if self.metrics else {}


def measure(container: Container, metrics_of: Callable[[Path], Mapping[str, float]]) -> Champion:
    """Measure the SavedModel of the champion.

    Its archive may be damaged, or of older code, with another signature or input. So every error is a finding about
    the champion, and does not fail the evaluation of the candidate.
    """
    if not container.has_processing_input(INPUT):
        return Champion()
    print("measuring the champion", flush=True)
    try:
        with unpacked(container, INPUT) as saved_model:
            metrics = metrics_of(saved_model)
        _require_finite(metrics)
    except JobError as error:
        return _unmeasured(str(error))
    except Exception as error:
        traceback.print_exc()
        return _unmeasured(f"{type(error).__name__}: {error}")
    print(" ".join(f"champion:{name}={value:.4f}" for name, value in metrics.items()), flush=True)
    return Champion(metrics)


def _require_finite(metrics: Mapping[str, float]) -> None:
    if wrong := [name for name, value in metrics.items() if not math.isfinite(value)]:
        raise JobError(f"The champion's {', '.join(wrong)} is no finite number.")


def _unmeasured(reason: str) -> Champion:
    """One line of printable text, cut where it is long."""
    line = "".join(character for character in " ".join(reason.split()) if character.isprintable())
    print(f"the champion cannot be measured: {line}", flush=True)
    return Champion(problem=line if len(line) <= LONGEST_PROBLEM else f"{line[: LONGEST_PROBLEM - 1]}…")
