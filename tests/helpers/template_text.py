"""Templates and workflows as text for a reviewer: one block a resource or state, and the difference of two."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from state_machines import MACHINE, definition, in_order
from template_tokens import as_text

Blocks = dict[str, list[str]]
"""The lines of each block, by its title."""

WIDTH, SHORT = 120, 80
HASH = re.compile(r"\b[0-9a-f]{64}\b")  # of an asset: it changes with every line of shipped code
# Every stack of the CDK has these: the version of the bootstrap stack, and the check of it.
BOOTSTRAP = {("Parameters", "BootstrapVersion"), ("Rules", "CheckBootstrapVersion")}
OTHER_THAN_TEXT = re.compile(r"\n|^(-?[\d.]+|true|false|null|\[.*\]|\{\})$")
STATE_KEYS = ("Type", "Comment", "Resource", "Seconds", "Items", "MaxConcurrency", "Arguments", "Assign", "Output")
LAST_STATE_KEYS = ("Choices", "Default", "Retry", "Catch", "Next", "End")


def template_blocks(template: Mapping[str, Any], exports: Mapping[str, str]) -> Blocks:
    """One block an entry of each section. A state machine's definition is left out: it has its own file."""
    blocks: Blocks = {}
    for section, entries in template.items():
        for name, entry in entries.items():
            if (section, name) in BOOTSTRAP:
                continue
            kind = f" {entry['Type']}" if section == "Resources" else ""
            shown = as_text(_without_definition(entry), exports)
            shown = {key: value for key, value in shown.items() if section != "Resources" or key != "Type"}
            blocks[f"{section} {name}{kind}"] = _lines(shown)
    return blocks


def workflow_blocks(template: Mapping[str, Any], exports: Mapping[str, str]) -> Blocks:
    """One block a state, in the order in which they run."""
    machine = definition(dict(template), exports)
    retries = [state.get("Retry", []) for state in machine["States"].values() if state["Type"] == "Task"]
    shared = max(retries, key=retries.count)
    head = {key: value for key, value in machine.items() if key != "States"}
    blocks: Blocks = {"Workflow": _lines(head | {"Retry of every Task that shows no other": shared})}
    for name in in_order(machine):
        blocks[f"State {name}"] = _lines(_state(machine["States"][name], shared))
    return blocks


def text(blocks: Blocks) -> str:
    """The blocks one below the other."""
    return "\n".join(line for title, lines in blocks.items() for line in (title, *_indented(lines, 1), ""))


def difference(reference: Blocks, other: Blocks) -> Blocks:
    """The blocks that differ: whole where only one side has them, else their differing lines."""
    found: Blocks = {}
    for title in [*reference, *(each for each in other if each not in reference)]:
        before, after = reference.get(title), other.get(title)
        if after is None:
            found[f"- {title}"] = []
        elif before is None:
            found[f"+ {title}"] = after
        elif before != after:
            found[title] = [line for line in difflib.ndiff(before, after) if line.startswith(("+ ", "- "))]
    return found


def _without_definition(entry: Any) -> Any:
    if not isinstance(entry, dict) or entry.get("Type") != MACHINE:
        return entry
    properties = {key: value for key, value in entry["Properties"].items() if key != "DefinitionString"}
    return entry | {"Properties": properties}


def _state(state: dict[str, Any], shared_retry: Any) -> dict[str, Any]:
    """The fields of a state in reading order, nested states included."""
    middle = sorted(set(state) - set(STATE_KEYS) - set(LAST_STATE_KEYS))
    found = {key: state[key] for key in (*STATE_KEYS, *middle, *LAST_STATE_KEYS) if key in state}
    if found["Type"] == "Task" and (retry := found.pop("Retry", [])) != shared_retry:
        found["Retry"] = retry
    if processor := found.get("ItemProcessor"):
        states = {name: _state(processor["States"][name], shared_retry) for name in in_order(processor)}
        found["ItemProcessor"] = {**processor, "States": states}
    return found


def _lines(value: Any) -> list[str]:
    return [HASH.sub("<asset>", line) for line in _nested(value)]


def _nested(value: Any) -> Iterator[str]:
    """As in YAML, without its quotes."""
    items = value.items() if isinstance(value, dict) else [("-", item) for item in value]
    for key, unordered in items:
        item = sorted(unordered, key=json.dumps) if key == "Statement" else unordered  # of a policy: in any order
        label = key if key == "-" else f"{key}:"
        if inline := _inline(item):
            yield from _wrapped(f"{label} {inline}")
        elif key == "-":
            first, *rest = _nested(item)
            yield f"- {first}"
            yield from _indented(rest, 1)
        else:
            yield label
            yield from _indented(list(_nested(item)), 1)


def _inline(value: Any) -> str | None:
    """A scalar, or a short list of scalars, on one line."""
    if isinstance(value, str):
        plain = value and value == value.strip() and not OTHER_THAN_TEXT.search(value)
        return value if plain else json.dumps(value)
    if not isinstance(value, dict | list) or not value:
        return json.dumps(value)
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        shown = f"[{', '.join(str(_inline(item)) for item in value)}]"
        return shown if len(shown) < SHORT else None
    return None


def _wrapped(line: str) -> Iterator[str]:
    """A long expression: a line for each of its statements, and each broken behind a comma or an operator."""
    if len(line) <= WIDTH:
        yield line
        return
    current = ""
    for part in re.split(r"(?<=; )|(?<=, )|(?<= & )|(?<= : )|(?<= \? )", line):
        if current and (len(current) + len(part) > WIDTH or current.endswith("; ")):
            yield current.rstrip()
            current = "    "
        current += part
    yield current


def _indented(lines: list[str], depth: int) -> list[str]:
    return ["  " * depth + line for line in lines]
