"""A model's overrides of one environment: [environment.NAME] of its file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import StrictStr

from specs.base import Declared

Table = dict[StrictStr, Any]
"""A table of a TOML file. Its values are checked in the environment that they are merged into."""


class Overrides(Declared):
    """The tables of an environment that a model may override."""

    training: Table | None = None
    processing: Table | None = None
    serving: Table | None = None


def merge(base: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """Merge tables key by key; other values replace."""
    merged = dict(base)
    for key, value in override.items():
        replaced = merged.get(key)
        if isinstance(value, dict) and isinstance(replaced, dict):
            merged[key] = merge(replaced, value)
        else:
            merged[key] = value
    return merged
