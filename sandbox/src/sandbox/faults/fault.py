"""The base of all faults: selectors, and the number of strikes."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field


class Selector:
    """Marks a field that selects the fault's targets; other fields are parameters."""


SELECTOR = Selector()
Name = Annotated[str | None, SELECTOR, Field(min_length=1)]
"""A name or a pattern of names, `*` and `?` as in a shell, `!` before it for all others; any if absent."""
Share = Annotated[float, Field(gt=0, le=1)]
Seconds = Annotated[float, Field(ge=0, le=24 * 3600)]


class Fault(BaseModel):
    """One declared fault. Subclasses add selectors and parameters; `fault kinds` prints their descriptions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kind: str
    times: Annotated[int | None, Field(ge=0, description="how often it strikes; without, always")] = None

    example: ClassVar[str]
    """Typical options of `fault add KIND`."""
    reduced: ClassVar[str] = ""
    """The difference from AWS; empty if there is no difference."""

    @classmethod
    def selectors(cls) -> frozenset[str]:
        """The names of the selecting fields."""
        return frozenset(name for name, field in cls.model_fields.items() if SELECTOR in field.metadata)

    def befalls(self, facts: Mapping[str, str | None]) -> bool:
        """Tell whether it still strikes and every selector matches; an unknown fact matches none."""
        return self.times != 0 and all(
            _matches(pattern, facts.get(name))
            for name in self.selectors()
            if (pattern := getattr(self, name)) is not None
        )

    def declaration(self) -> dict[str, Any]:
        """The fault as declared in the file."""
        return self.model_dump(exclude_unset=True) | {"kind": self.kind}


def _matches(pattern: str, fact: str | None) -> bool:
    if fact is None:
        return False
    return not fnmatchcase(fact, pattern[1:]) if pattern.startswith("!") else fnmatchcase(fact, pattern)
