"""The base of every declared object: it is frozen and refuses unknown keys."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from specs import words
from specs.refusal import refused

Item = TypeVar("Item", bound=Hashable)


class Declared(BaseModel):
    """A table of a TOML file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _distinct(items: tuple[Item, ...]) -> tuple[Item, ...]:
    repeated = sorted({str(item) for item in items if items.count(item) > 1})
    if repeated:
        once = words.toml(list(dict.fromkeys(items)))
        raise refused(f"{words.either(repeated)} is listed twice", allowed="each item once", write=once)
    return items


def item_count(low: int, high: int, example: str) -> AfterValidator:
    """Bound a list's number of items; pydantic's own bound ignores refused ones."""

    def check(items: tuple[Item, ...]) -> tuple[Item, ...]:
        if not low <= len(items) <= high:
            message = "the list is empty" if not items else f"the list has {len(items)} items"
            raise refused(message, allowed=f"{low} to {high} items", write=example)
        return items

    return AfterValidator(check)


LEFT_OUT = BeforeValidator(lambda value: None if value is False else value)
"""Reads `false` in place of an optional table as no table, so that an override can leave one out."""

Distinct = Annotated[tuple[Item, ...], AfterValidator(_distinct)]
