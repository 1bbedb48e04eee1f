"""The difference between the deployed stacks and an assembly, resource by resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Templates = Mapping[str, Mapping[str, Any] | None]
"""The template of each stack by its name; None for a stack that does not exist."""


@dataclass(frozen=True)
class Change:
    """A resource that a deploy would create, change or remove, or another section."""

    sign: str
    """`+`, `~` or `-`."""
    what: str
    details: tuple[str, ...] = ()
    """The parts that differ."""

    def __str__(self) -> str:
        return "  ".join((self.sign, self.what, ", ".join(self.details))).rstrip()


def changes(deployed: Templates, assembly: Templates) -> dict[str, list[Change]]:
    """Compare; returns the changes of a deploy by stack, without stacks that stay."""
    found = {name: list(_of_stack(deployed.get(name), template)) for name, template in assembly.items() if template}
    return {name: of_stack for name, of_stack in found.items() if of_stack}


def _of_stack(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> Iterator[Change]:
    if old is None:
        yield Change("+", f"the stack, with {len(new['Resources'])} resources")
        return
    before, after = old.get("Resources", {}), new.get("Resources", {})
    for logical_id in sorted(before.keys() | after.keys()):
        was, will = before.get(logical_id), after.get(logical_id)
        if was is None:
            yield Change("+", f"{will['Type']} {logical_id}")
        elif will is None:
            yield Change("-", f"{was['Type']} {logical_id}")
        elif was != will:
            yield Change("~", f"{will['Type']} {logical_id}", tuple(_parts(was, will)))
    for section in sorted((old.keys() | new.keys()) - {"Resources"}):
        if old.get(section) != new.get(section):
            yield Change("~", section, tuple(sorted(_differing(old.get(section) or {}, new.get(section) or {}))))


def _parts(was: Mapping[str, Any], will: Mapping[str, Any]) -> Iterator[str]:
    """The properties that differ, and other parts of the resource such as DependsOn."""
    yield from sorted(_differing(was.get("Properties", {}), will.get("Properties", {})))
    yield from sorted(_differing(was, will) - {"Properties"})


def _differing(was: Any, will: Any) -> set[str]:
    if not (isinstance(was, Mapping) and isinstance(will, Mapping)):
        return set()
    return {name for name in was.keys() | will.keys() if was.get(name) != will.get(name)}
