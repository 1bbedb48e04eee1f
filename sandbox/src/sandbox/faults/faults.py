"""Ask whether a fault was declared for what is about to happen."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TypeVar, overload

from sandbox.faults.fault import Fault
from sandbox.faults.file import FaultsFile
from sandbox.faults.kinds import KINDS

F = TypeVar("F", bound=Fault)


class Faults:
    """The faults declared in a sandbox's home. Asking costs one `stat` where nothing changed."""

    def __init__(self, home: Path) -> None:
        self._file = FaultsFile(home)

    @overload
    def find(self, kind: type[F], **facts: str | None) -> F | None: ...

    @overload
    def find(self, kind: str, **facts: str | None) -> Fault | None: ...

    def find(self, kind: type[Fault] | str, **facts: str | None) -> Fault | None:
        """The first fault of the kind (its name, or its class) that befalls these facts; it counts as one strike.

        Raises FaultsUnreadable.
        """
        wanted = KINDS[kind] if isinstance(kind, str) else kind
        for fault in self._file.read():
            if isinstance(fault, wanted) and fault.befalls(facts) and _by_chance(fault):
                return fault if fault.times is None else self._strike(wanted, facts)
        return None

    def declared(self, kind: type[F], **facts: str | None) -> F | None:
        """What `find` would answer, and it counts as no strike. Raises FaultsUnreadable."""
        faults = self._file.read()
        return next((fault for fault in faults if isinstance(fault, kind) and fault.befalls(facts)), None)

    def _strike(self, wanted: type[F], facts: dict[str, str | None]) -> F | None:
        """Count down under the lock. Others may have used up what was found: then the next one counts, or none."""
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
    """Faults with a rate befall that share of what they select."""
    return random.random() < getattr(fault, "rate", 1.0)
