"""What every fault has in common: selectors that say whom it befalls, and how many times it strikes."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field


class Selector:
    """Marks a field that says whom a fault befalls; all others say how."""


SELECTOR = Selector()
Name = Annotated[str | None, SELECTOR, Field(min_length=1)]
"""A name or a pattern of names, `*` and `?` as in a shell, `!` before it for all others; absent, any."""
Share = Annotated[float, Field(gt=0, le=1)]
Seconds = Annotated[float, Field(ge=0, le=24 * 3600)]


class Fault(BaseModel):
    """One declared fault. Subclasses add selectors and parameters; their descriptions are what `fault kinds` prints."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kind: str
    times: Annotated[int | None, Field(ge=0, description="how often it strikes; without, always")] = None

    example: ClassVar[str]
    """The options of `fault add KIND` in a typical case."""
    reduced: ClassVar[str] = ""
    """How it differs from what befalls one on AWS; nothing, if it does not."""

    @classmethod
    def selectors(cls) -> frozenset[str]:
        """The names of the fields that select."""
        return frozenset(name for name, field in cls.model_fields.items() if SELECTOR in field.metadata)

    def befalls(self, facts: Mapping[str, str | None]) -> bool:
        """Whether it still strikes, and every selector matches; a fact that is not known matches no selector."""
        return self.times != 0 and all(
            _matches(pattern, facts.get(name))
            for name in self.selectors()
            if (pattern := getattr(self, name)) is not None
        )

    def declaration(self) -> dict[str, Any]:
        """What the file says of it."""
        return self.model_dump(exclude_unset=True) | {"kind": self.kind}


def _matches(pattern: str, fact: str | None) -> bool:
    if fact is None:
        return False
    return not fnmatchcase(fact, pattern[1:]) if pattern.startswith("!") else fnmatchcase(fact, pattern)
