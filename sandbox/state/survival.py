"""The sandbox's state, from its folder into the services at start-up, and from them into the folder while they run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.sagemaker import store
from sandbox.seams import state as services
from sandbox.state.saver import Saver
from sandbox.state.snapshot import Snapshot, Unreadable

if TYPE_CHECKING:
    from sandbox.sagemaker.service import SageMaker


def survive(sagemaker: SageMaker, folder: Path) -> Saver:
    """Restore what the folder holds, and save from now on. Exits with a sentence if it cannot be read."""
    services.copy_stores_quickly()
    snapshot = Snapshot(folder)
    try:
        states = snapshot.load()
    except Unreadable as fault:
        sys.exit(
            f"The state in {folder} cannot be used: {fault}. Nothing of it was changed. "
            "`python -m sandbox reset` drops it; or move the folder away, to keep it and begin anew."
        )
    store.restore(sagemaker, states.pop(store.PART, {}))
    services.restore(states)

    def collect() -> dict[str, Any]:
        return {**services.collect(), store.PART: store.collect(sagemaker)}

    saver = Saver(snapshot, collect)
    services.call_at_changes(saver.changed)
    return saver
