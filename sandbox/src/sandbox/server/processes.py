"""The processes of a sandbox, by what they do: jobs, model servers, functions, MLflow."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from sandbox.settings import Settings

_OTHER = "another process"


@dataclass(frozen=True)
class Work:
    """One job, model server, function or application, with all of its processes."""

    what: str
    name: str
    since: datetime.datetime
    memory_mb: int
    pids: tuple[int, ...]


@dataclass(frozen=True)
class _Seen:
    process: psutil.Process
    parent: int
    what: str
    name: str
    began: float
    octets: int


def works(settings: Settings, server: psutil.Process) -> list[Work]:
    """Everything that runs for a server, the oldest first."""
    groups: dict[tuple[str, str], list[_Seen]] = {}
    for seen in _adopted(list(_look(settings, server.children(recursive=True)))):
        groups.setdefault((seen.what, seen.name), []).append(seen)
    return sorted((_work(group) for group in groups.values()), key=lambda work: work.since)


def lines(found: Iterable[Work]) -> Iterator[str]:
    """A row for each; names come last, because they are long."""
    for work in found:
        count = f" ({len(work.pids)} processes)" if len(work.pids) > 1 else f" (process {work.pids[0]})"
        yield f"{work.what:<15} {work.since:%H:%M:%S} {work.memory_mb:>6} MB  {work.name}{count}"


def _look(settings: Settings, children: Iterable[psutil.Process]) -> Iterator[_Seen]:
    for child in children:
        with contextlib.suppress(psutil.Error):
            what, name = _identified(child, settings.home)
            yield _Seen(child, child.ppid(), what, name, child.create_time(), child.memory_info().rss)


def _identified(process: psutil.Process, home: Path) -> tuple[str, str]:
    """The kind and name of a process, by its HOME: a job's folder, an instance's, an application's."""
    variables: Mapping[str, str] = process.environ()
    folder = Path(variables.get("HOME") or "/").resolve()
    parts = folder.relative_to(home).parts if folder.is_relative_to(home) else ()
    match parts:
        case ("jobs", kind, name, *_):
            return kind.replace("-", " "), name
        case ("endpoints", endpoint, instance, *_):
            return "model server", f"{endpoint}, {instance}"
        case ("mlflow", app, *_):
            return "MLflow", app
    if function := variables.get("AWS_LAMBDA_FUNCTION_NAME"):
        return "function", function
    return _OTHER, process.name()


def _adopted(found: list[_Seen]) -> Iterator[_Seen]:
    """Count a process without such variables to the work of its parent."""
    by_pid = {seen.process.pid: seen for seen in found}
    for seen in found:
        known = seen
        while known.what == _OTHER and known.parent in by_pid:
            known = by_pid[known.parent]
        yield _Seen(seen.process, seen.parent, known.what, known.name, seen.began, seen.octets)


def _work(group: list[_Seen]) -> Work:
    return Work(
        group[0].what,
        group[0].name,
        datetime.datetime.fromtimestamp(min(seen.began for seen in group)),
        round(sum(seen.octets for seen in group) / 2**20),
        tuple(seen.process.pid for seen in group),
    )
