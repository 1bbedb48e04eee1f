"""Rules about [limits]: the most that an environment allows."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from specs import aws, words
from specs.compute_rules import CANDIDATES
from specs.document import Document, tables
from specs.resolved_document import ResolvedDocument
from specs.words import Path


@dataclass(frozen=True)
class _Limit:
    """One key of [limits] in one environment."""

    environment: Document
    key: str

    @property
    def value(self) -> Any:
        return self.environment.sound("limits", self.key)

    def at_most(self, document: Document, path: Path) -> None:
        """Refuse a number that is over the limit."""
        received = document.sound(*path)
        if self.value is not None and received is not None and received > self.value:
            self.refuse(document, path, allowed=f"at most {self.value}", write=str(self.value))

    def refuse(self, document: Document, path: Path, *, allowed: str, write: str) -> None:
        place = self.environment.where(("limits", self.key))
        message = f"the environment {self.environment.stem} does not allow this ({place}: limits.{self.key})"
        document.refuse(path, message, allowed=allowed, write=write)


def check(models: Sequence[Document], environments: Sequence[Document], overridden: Sequence[ResolvedDocument]) -> None:
    """Check environments, overrides and models; a message names the limit's file and line."""
    for environment in (*environments, *overridden):
        _allowed_types(environment)
        for path in _instances(environment):
            _Limit(environment, "max_instances").at_most(environment, path)
        _Limit(environment, "max_volume_size_gb").at_most(environment, ("processing", "volume_size_gb"))
    for model in models if environments else ():
        _strictest(environments, "max_runtime_seconds").at_most(model, ("training", "max_runtime_seconds"))
        _strictest(environments, "max_volume_size_gb").at_most(model, ("training", "volume_size_gb"))


def _strictest(environments: Sequence[Document], key: str) -> _Limit:
    """The lowest limit, for a value that a model has in all environments."""
    limits = [_Limit(environment, key) for environment in environments]
    return min(limits, key=lambda limit: math.inf if limit.value is None else limit.value)


def _instances(environment: Document) -> Iterator[Path]:
    for index in range(len(tables(environment.value(CANDIDATES)))):
        yield (*CANDIDATES, index, "instance_count")
    yield ("serving", "instance_count")
    yield ("serving", "autoscaling", "max_instances")


def instance_types(environment: Document) -> Iterator[tuple[Path, str]]:
    """Yield the path of each instance type, and SageMaker's shape that lists its kind."""
    for index in range(len(tables(environment.value(CANDIDATES)))):
        yield (*CANDIDATES, index, "instance_type"), "TrainingInstanceType"
    yield ("processing", "instance_type"), "ProcessingInstanceType"
    yield ("serving", "instance_type"), "ProductionVariantInstanceType"


def _allowed_types(environment: Document) -> None:
    limit = _Limit(environment, "instance_types")
    patterns = limit.value
    for path, shape in instance_types(environment) if patterns else ():
        received = environment.sound(*path)
        if received is not None and not _matches(received, patterns):
            within = [name for name in aws.words(shape) if _matches(name, patterns)]
            near = words.nearest(received, within) or next(iter(within), None)
            write = words.quoted(near) if near else f"another pattern in {environment.where(('limits',))}"
            limit.refuse(environment, path, allowed=words.either(map(words.quoted, patterns)), write=write)


def _matches(instance_type: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(instance_type, pattern) for pattern in patterns)
