"""The comparison of a template's properties with the answers of a service's API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import jmespath

from audits.row import Properties, Row

_TAG = ({"key", "value"}, {"tagkey", "tagvalue"})


def differences(row: Row, wanted: Properties, asked: list[Any], found: Properties) -> Iterator[str]:
    """A sentence for each property that was neither read back nor named in a request."""
    by_name = {name.casefold(): value for name, value in found.items()}
    named = [plain(value) for value in asked]
    for name, value in wanted.items():
        said, path = plain(value), row.words.get(name)
        heard = plain(jmespath.search(path, found) if path else by_name.get(name.casefold()))
        if name not in row.unread and said not in named and not covers(heard, said):
            yield f"{name}: {heard!r} instead of {said!r}"


def plain(value: Any) -> Any:
    """A value without differences of form: letter case of names, JSON in text, lists of tags, quoted numbers."""
    value = parsed(value)
    if isinstance(value, Mapping):
        return {str(name).casefold(): plain(item) for name, item in value.items() if not str(name).startswith("aws:")}
    if isinstance(value, list):
        return _tags(value) if _are_tags(value) else [plain(item) for item in value]
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _are_tags(items: list[Any]) -> bool:
    return bool(items) and all(
        isinstance(item, Mapping) and {name.casefold() for name in item} in _TAG for item in items
    )


def _tags(items: list[Any]) -> Any:
    folded = [{name.casefold().removeprefix("tag"): text for name, text in item.items()} for item in items]
    return plain({item["key"]: item["value"] for item in folded})


def leaves(value: Any) -> Iterator[Any]:
    """The texts and numbers in a value."""
    if isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from leaves(item)
    else:
        yield value


def parsed(value: Any) -> Any:
    """A value with the JSON in its texts as objects."""
    if isinstance(value, Mapping):
        return {name: parsed(item) for name, item in value.items()}
    if isinstance(value, list):
        return [parsed(item) for item in value]
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value.replace('\\"', '"'))
        except ValueError:
            return value
    return value


def covers(heard: Any, wanted: Any) -> bool:
    """Tell whether a service said everything; it may say more, or an ARN."""
    if isinstance(wanted, dict) and isinstance(heard, dict):
        return all(covers(heard.get(name), item) for name, item in wanted.items())
    if isinstance(wanted, list) and isinstance(heard, list):
        pairs = zip(_sorted(heard), _sorted(wanted), strict=False)
        return len(wanted) == len(heard) and all(covers(*pair) for pair in pairs)
    if isinstance(wanted, str) and isinstance(heard, str) and heard.startswith("arn:"):
        return wanted in (heard, *heard.replace("/", ":").split(":"))
    return heard == wanted


def _sorted(items: list[Any]) -> list[Any]:
    return sorted(items) if all(isinstance(item, str) for item in items) else items
