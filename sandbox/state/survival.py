"""The sandbox's state, from its folder into the services at start-up, and from them into the folder while they run."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.sagemaker import store
from sandbox.seams import recovery
from sandbox.seams import state as services
from sandbox.state.saver import Saver
from sandbox.state.snapshot import Snapshot, Unreadable

if TYPE_CHECKING:
    from sandbox.sagemaker.service import SageMaker

_POLL = 0.05


class Survival:
    """Restores what the folder holds, and saves from `start` to `close`. Exits with a sentence if it cannot be read."""

    def __init__(self, sagemaker: SageMaker, folder: Path) -> None:
        self._sagemaker = sagemaker
        services.copy_stores_quickly()
        snapshot = Snapshot(folder)
        states = _loaded(snapshot, folder)
        self._cut_off = recovery.running_executions(states)
        store.restore(sagemaker, states.pop(store.PART, {}))
        services.restore(states)
        self._saver = Saver(snapshot, self._collect)
        services.call_at_changes(self._saver.changed)

    def start(self, answers: Callable[[], bool]) -> None:
        """Save from now on, and bring to an end what was cut off once the sandbox answers requests."""
        self._saver.start()
        threading.Thread(target=self._recover, args=(answers,), name="recovery", daemon=True).start()

    def close(self) -> None:
        """Save for the last time."""
        self._saver.close()

    def _collect(self) -> dict[str, Any]:
        return {**services.collect(), store.PART: store.collect(self._sagemaker)}

    def _recover(self, answers: Callable[[], bool]) -> None:
        while not answers():
            time.sleep(_POLL)
        recovery.fail_executions(self._cut_off)
        self._sagemaker.resume()
        self._saver.changed()


def _loaded(snapshot: Snapshot, folder: Path) -> dict[str, Any]:
    try:
        return snapshot.load()
    except Unreadable as fault:
        sys.exit(
            f"The state in {folder} cannot be used: {fault}. Nothing of it was changed. "
            "`python -m sandbox reset` drops it; or move the folder away, to keep it and begin anew."
        )
