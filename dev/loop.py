"""The loop: an edit is synthesized and compared with what is deployed, Enter deploys it."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from watchfiles import watch

from dev.changes import Change, Templates, changes
from dev.synthesizer import Synthesizer
from operations.aws.connection import Connection
from operations.deployed import stacks
from operations.environment.assembly import Assembly

WATCHED = ("cdk.json", "environments", "inference", "models", "pages", "specs", "stacks", "tracking", "training")
_LOOK = 200  # milliseconds between two looks at the keyboard
_ASK = "Enter deploys it, Ctrl-C ends."


class Loop:
    """One environment of a checkout, its assembly in cdk.out, and a person at the keyboard."""

    def __init__(self, root: Path, connection: Connection, console: Console) -> None:
        self._root, self._connection, self._console = root, connection, console
        self._environment = connection.environment.name
        self._folder = root / "cdk.out" / self._environment
        self._deployed: dict[str, Mapping[str, Any] | None] = {}
        self._waiting: dict[str, list[Change]] = {}
        self._listening = True

    def run(self) -> None:
        """Watch until Ctrl-C."""
        self._folder.parent.mkdir(exist_ok=True)
        with Synthesizer(self._root, self._environment, self._folder) as synthesizer:
            self._console.print("Starting the CDK, which takes some seconds once ...")
            self._synthesize(synthesizer, reloading=False)
            watched = [self._root / name for name in WATCHED]
            for edits in watch(*watched, rust_timeout=_LOOK, yield_on_timeout=True, raise_interrupt=True):
                if edits:
                    edited = sorted({os.path.relpath(path, self._root) for _, path in edits})
                    self._console.print(f"\n{', '.join(edited)}", markup=False, style="bold")
                    self._synthesize(synthesizer, reloading=not all(path.endswith(".toml") for path in edited))
                if self._entered():
                    self._deploy()

    def _synthesize(self, synthesizer: Synthesizer, *, reloading: bool) -> None:
        """Synthesize and say what a deploy would change; a failure leaves nothing to deploy."""
        begun, done = (self._folder.with_name(f"{self._environment}.{state}") for state in ("begun", "synthesized"))
        done.unlink(missing_ok=True)
        begun.touch()  # `make deploy` synthesizes again what is newer
        result = synthesizer.synthesize(reloading=reloading)
        self._waiting = {}
        if result.failure is not None:
            self._console.print(result.failure.rstrip(), markup=False, style="red")
            return
        begun.replace(done)
        assembly = Assembly.read(self._folder).templates()
        self._compare(assembly)
        took = f"{len(assembly)} stacks in {result.seconds:.1f} s"
        if not self._waiting:
            self._console.print(f"{took}: nothing to deploy.", markup=False)
            return
        for stack, found in self._waiting.items():
            self._console.print(stack, markup=False, style="bold")
            for change in found:
                self._console.print(f"  {change}", markup=False)
        self._console.print(f"{took}: {len(self._waiting)} to deploy. {_ASK}", markup=False)

    def _compare(self, assembly: Templates) -> None:
        for stack in assembly.keys() - self._deployed.keys():
            self._deployed[stack] = stacks.template(self._connection, stack)
        self._waiting = changes(self._deployed, assembly)

    def _entered(self) -> bool:
        """Tell whether somebody pressed Enter; never again at the end of the input."""
        if not (self._listening and select.select([sys.stdin], [], [], 0)[0]):
            return False
        self._listening = bool(sys.stdin.readline())
        return self._listening

    def _deploy(self) -> None:
        """Deploy what waits, by `make deploy`: what is right there is right here."""
        if not self._waiting:
            self._console.print("There is nothing to deploy.")
            return
        waiting = list(self._waiting)
        words = [f"ENVIRONMENT={self._environment}", f"STACKS={' '.join(waiting)}", "ARGS=--exclusively"]
        subprocess.run(["make", "--no-print-directory", "deploy", *words], cwd=self._root, check=False)
        for stack in waiting:
            del self._deployed[stack]
        self._compare(Assembly.read(self._folder).templates())
        left = f"{len(self._waiting)} stacks were not deployed. {_ASK}" if self._waiting else "All is deployed."
        self._console.print(left, markup=False)
