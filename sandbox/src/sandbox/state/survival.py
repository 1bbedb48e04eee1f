"""The restore of the sandbox's state at start-up, and its saving while it runs."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sandbox.corrections.cloudformation.operations.engine import Engine
from sandbox.corrections.state import recovery, stores
from sandbox.corrections.state.objects import ObjectWriter
from sandbox.frame.service import Service
from sandbox.state import components
from sandbox.state.saver import Saver
from sandbox.state.snapshot import Snapshot, Unreadable

_SERVICES, _OPERATIONS = "services", "stack-operations"
_POLL = 0.05

_logger = logging.getLogger(__name__)


class Survival:
    """The state of one sandbox: restored from its folder, and saved from `start` to `close`.

    Exits with a sentence if it cannot be read.
    """

    def __init__(self, services: Sequence[Service], engine: Engine, folder: Path) -> None:
        self._services, self._engine = services, engine
        stores.copy_stores_quickly()
        self._objects = ObjectWriter()
        self._objects.install()
        snapshot = Snapshot(folder)
        states = _loaded(snapshot, folder)
        self._executions = recovery.running_executions(states)
        self._operations = states.pop(_OPERATIONS, {})
        components.restore(services, states.pop(_SERVICES, {}))
        stores.restore(states)
        self._saver = Saver(snapshot, self._collect)
        stores.call_at_changes(self._saver.changed)

    async def start(self, answers: Callable[[], bool]) -> None:
        """Save from now on; end interrupted work once the sandbox answers requests."""
        self._saver.start()
        while not answers():
            await asyncio.sleep(_POLL)
        await asyncio.to_thread(self._take_up)
        await recovery.recover_stacks(self._engine, self._operations)
        self._saver.changed()

    def close(self) -> None:
        """Save for the last time."""
        self._saver.close()

    def _collect(self) -> dict[str, Any]:
        states = stores.collect(
            lambda: {_SERVICES: components.collect(self._services)},
            lambda: {_OPERATIONS: self._engine.under_way.saved()},
        )
        self._objects.drain()  # the state must not list an object that is not on disk
        return states

    def _take_up(self) -> None:
        tasks: list[Callable[[], None]] = [
            partial(recovery.fail_executions, self._executions),
            *(each.resume for each in self._services),
        ]
        for take_up in tasks:
            try:
                take_up()
            except Exception:
                _logger.exception("Not all is taken up again")


def _loaded(snapshot: Snapshot, folder: Path) -> dict[str, Any]:
    try:
        return snapshot.load()
    except Unreadable as fault:
        sys.exit(
            f"The state in {folder} cannot be used: {fault}. Nothing of it was changed. "
            "`python -m sandbox reset` drops it; or move the folder away, to keep it and begin anew."
        )
