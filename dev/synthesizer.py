"""The process that synthesizes again and again, with the CDK loaded once.

A cold synthesis spends most of its time on starting Node.js and compiling the CDK's rules. Here both stay, and only
this project's modules are read anew after an edit of code. It is a process of its own, apart from those modules.
"""

from __future__ import annotations

import importlib
import json
import multiprocessing
import os
import shutil
import sys
import time
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType

from operations.errors import Failed

_PROJECT = ("specs", "stacks", "training")
"""The packages that a synthesis imports (tests/test_import_boundaries.py)."""


@dataclass(frozen=True)
class Synthesis:
    """The result of one try: its time, and the reason if it wrote no assembly."""

    seconds: float
    failure: str | None = None


class Synthesizer:
    """A resident process that writes the assembly of an environment into a folder."""

    def __init__(self, root: Path, environment: str, folder: Path) -> None:
        fresh = multiprocessing.get_context("spawn")  # a copy of this process would share its threads' locks
        self._ours, theirs = fresh.Pipe()
        self._process = fresh.Process(target=_serve, args=(theirs, root, environment, folder), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> Synthesizer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ours.close()
        self._process.terminate()
        self._process.join()

    def synthesize(self, *, reloading: bool) -> Synthesis:
        """Synthesize; with `reloading`, read this project's modules anew before. Raises ``Failed``."""
        try:
            self._ours.send(reloading)
            return self._ours.recv()
        except (EOFError, BrokenPipeError):
            raise Failed("The process that synthesizes has ended by itself. Start again: make dev") from None


def _serve(requests: Connection, root: Path, environment: str, folder: Path) -> None:
    os.setsid()  # Ctrl-C is the parent's: here it would end Node.js in the middle of a synthesis
    os.chdir(root)
    sys.path.insert(0, str(root))
    while True:
        try:
            reloading = requests.recv()
        except EOFError:
            return
        if reloading:
            _forget_modules()
        begun = time.monotonic()
        failure = _failure(root, environment, folder)
        requests.send(Synthesis(time.monotonic() - begun, failure))


def _failure(root: Path, environment: str, folder: Path) -> str | None:
    """Synthesize into the folder; returns the failure, after which it has its former content."""
    new = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    try:
        _synthesize(root, environment, new)
    except Exception as error:
        known = type(error).__name__ in {"SpecError", "JSIIError", "RuntimeError"}
        return str(error) if known else traceback.format_exc(limit=-3)
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)
    return None


def _synthesize(root: Path, environment: str, folder: Path) -> None:
    from aws_cdk import App

    specs = importlib.import_module("specs").load(root)
    flags = json.loads((root / "cdk.json").read_text())["context"]
    app = App(outdir=str(folder), context=flags)
    importlib.import_module("stacks.synthesis").synthesize(app, specs.environment(environment), specs.models)


def _forget_modules() -> None:
    for name in [name for name in sys.modules if name.split(".")[0] in _PROJECT]:
        del sys.modules[name]
    importlib.invalidate_caches()
