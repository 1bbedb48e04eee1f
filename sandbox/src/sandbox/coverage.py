"""The coverage page sandbox/COVERAGE.md: the real, reduced and refused parts of AWS.

It is written from the same declarations that accept and refuse requests, so it cannot differ from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from botocore.model import ListShape, Shape, StructureShape

from sandbox import catalogue
from sandbox.corrections.templates.honoured import HONOURED
from sandbox.corrections.templates.schemas import schema
from sandbox.faults import KINDS
from sandbox.frame.operations import Operation, is_prefix
from sandbox.frame.service import Service
from sandbox.frame.validation import join

COMMAND = "python -m sandbox coverage"

_HEAD = f"""# What the sandbox covers

Written by `{COMMAND}` from the declarations that accept and refuse requests; a test fails when this page is old.
**Real**: honoured as AWS documents it. **Reduced**: honoured, with less than AWS does, and the difference is said.
**Refused**: a request or a template that holds it fails with a sentence that names it. Nothing is skipped silently.
"""


def current_page() -> str:
    """The page of this sandbox; nothing needs to run."""
    from sandbox.corrections import cloud_control, private_names

    return page((*catalogue.declared(), cloud_control.declare()), private_names.overrides())


def page(services: Iterable[Service], overrides: Iterable[tuple[str, str, str]]) -> str:
    """The whole page. `overrides` are (concern, what of ministack is overridden, why)."""
    parts = [_HEAD]
    for service in services:
        parts += [_operations(service), _types(service)]
    return "\n".join([*filter(None, parts), _audited_types(), _faults(), _overrides(overrides)])


def _operations(service: Service) -> str:
    if service.api is None:
        return ""
    rows = [
        f"| {name} | {_real(operation)} | {_reduced(operation)} | {_refused(operation)} |"
        for name, operation in sorted(service.api.operations.items())
    ]
    head = f"## {service.title}: operations\n\n| operation | real | reduced | refused |\n|---|---|---|---|\n"
    others = len(service.api.model.operation_names) - len(rows)
    tail = f"\nThe other {others} operations are refused.\n" if others else ""
    return head + "\n".join(rows) + "\n" + tail


def _real(operation: Operation) -> str:
    partly = {*operation.only, *operation.reduced}
    return _names(name for name in operation.accepts if name not in partly)


def _reduced(operation: Operation) -> str:
    values = (f"`{name}`: {_values(allowed)} only" for name, allowed in operation.only.items())
    notes = (f"`{name}`: {note}" for name, note in operation.reduced.items())
    return "<br>".join(sorted([*values, *notes]))


def _values(allowed: Iterable[object]) -> str:
    return ", ".join(f"`{str(value).lower() if isinstance(value, bool) else value}`" for value in allowed)


def _refused(operation: Operation) -> str:
    shape = operation.model.input_shape
    return _names(refused_members(shape, "", operation.accepts)) if shape else ""


def refused_members(shape: Shape, path: str, accepts: frozenset[str]) -> Iterator[str]:
    """The members that no accepted name covers, dotted; nothing below a refused member is named."""
    if path in accepts:
        return
    if not is_prefix(path, accepts):
        yield path
    elif isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            yield from refused_members(member, join(path, name), accepts)
    elif isinstance(shape, ListShape):
        yield from refused_members(shape.member, path, accepts)


def _types(service: Service) -> str:
    if not service.resource_types:
        return ""
    rows = [
        f"| {name} | {_names(handler.properties)} | {_names(_replacing(name, handler.properties))} "
        f"| {_notes(getattr(handler, 'reduced', {}))} |"
        for name, handler in sorted(service.resource_types.items())
    ]
    head = f"## {service.title}: CloudFormation\n\nAny other property is refused when the change set is created.\n\n"
    return head + "| type | properties | of which replace | reduced |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


def _replacing(type_name: str, properties: frozenset[str]) -> set[str]:
    known = schema(type_name)
    always = known.create_only if known else frozenset()
    return {name.partition(".")[0] for name in properties} & {path.partition(".")[0] for path in always}


def _audited_types() -> str:
    """ministack's resource types, as the audit found them and our corrections leave them."""
    rows = [
        f"| {name} | {_names(found.properties)} | {_names(found.attributes)} | {_names(found.fixed)} "
        f"| {_notes(found.reduced)} |"
        for name, found in sorted(HONOURED.items())
    ]
    head = (
        "## CloudFormation: ministack's resource types\n\n"
        "Any other type, property or attribute is refused when the change set is created. A test deploys those listed\n"
        "and reads them back. An update that changes a property in place that it cannot change is refused.\n\n"
    )
    return (
        head
        + "| type | properties | attributes | cannot change in place | reduced |\n|---|---|---|---|---|\n"
        + "\n".join(rows)
        + "\n"
    )


def _notes(reduced: Mapping[str, str]) -> str:
    return "<br>".join(f"`{name}` {note}" for name, note in sorted(reduced.items()))


def _faults() -> str:
    rows = [f"| {kind} | {model.__doc__} | {model.reduced} |" for kind, model in KINDS.items()]
    head = "## Faults on demand\n\n`python -m sandbox fault --help`; each is real unless it says how it is reduced.\n\n"
    return head + "| kind | what happens | reduced |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def _overrides(overrides: Iterable[tuple[str, str, str]]) -> str:
    rows = [f"| {concern} | {what} | {why} |" for concern, what, why in overrides]
    head = "## What of ministack is overridden, and why\n\n| concern | what | why |\n|---|---|---|\n"
    return head + "\n".join(rows) + "\n"


def _names(names: Iterable[str]) -> str:
    """Names in order, with what they share said once: `A`, `B.{C, D}`."""
    by_parent: dict[str, list[str]] = {}
    for name in sorted(names):
        parent, _, last = name.rpartition(".")
        by_parent.setdefault(parent, []).append(last)
    own = [f"`{name}`" for name in by_parent.pop("", [])]
    shared = [
        f"`{parent}.{{{', '.join(last)}}}`" if len(last) > 1 else f"`{parent}.{last[0]}`"
        for parent, last in by_parent.items()
    ]
    return ", ".join([*own, *shared])
