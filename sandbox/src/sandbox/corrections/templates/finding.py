"""One reason why a template is refused."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A fault, and its place in the template."""

    place: str
    """A logical id, "output NAME", the name of a section, or "SECTION.NAME"."""
    type_name: str
    """The type of the resource at this place; empty for other places."""
    fault: str

    def __str__(self) -> str:
        place = f"{self.place} ({self.type_name})" if self.type_name else self.place
        return f"{place}: {self.fault}"
