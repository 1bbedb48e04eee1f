"""The search for a declared fault before an action that may fail."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TypeVar, overload

from sandbox.faults.fault import Fault
from sandbox.faults.file import FaultsFile
from sandbox.faults.kinds import KINDS

F = TypeVar("F", bound=Fault)


class Faults:
    """The faults declared in a sandbox's home. A search costs one `stat` if the file has not changed."""

    def __init__(self, home: Path) -> None:
        self._file = FaultsFile(home)

    @overload
    def find(self, kind: type[F], **facts: str | None) -> F | None: ...

    @overload
    def find(self, kind: str, **facts: str | None) -> Fault | None: ...

    def find(self, kind: type[Fault] | str, **facts: str | None) -> Fault | None:
        """Find the kind's first fault for these facts, and count a strike.

        Raises FaultsUnreadable.
        """
        wanted = KINDS[kind] if isinstance(kind, str) else kind
        for fault in self._file.read():
            if isinstance(fault, wanted) and fault.befalls(facts) and _by_chance(fault):
                return fault if fault.times is None else self._strike(wanted, facts)
        return None

    def declared(self, kind: type[F], **facts: str | None) -> F | None:
        """Find a fault as `find` does, without a strike. Raises FaultsUnreadable."""
        faults = self._file.read()
        return next((fault for fault in faults if isinstance(fault, kind) and fault.befalls(facts)), None)

    def _strike(self, wanted: type[F], facts: dict[str, str | None]) -> F | None:
        """Count a strike under the lock. If other processes used the fault up, the next one counts, if any."""
        with self._file.locked():
            faults = list(self._file.read_now())
            for index, fault in enumerate(faults):
                if isinstance(fault, wanted) and fault.befalls(facts):
                    if fault.times is not None:
                        faults[index] = fault.model_copy(update={"times": fault.times - 1})
                        self._file.write(faults)
                    return fault
        return None


def _by_chance(fault: Fault) -> bool:
    """Decide by chance whether a fault with a rate strikes."""
    return random.random() < getattr(fault, "rate", 1.0)
