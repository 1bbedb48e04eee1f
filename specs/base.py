"""What every declared object has in common: it is frozen, and a key that it does not know is a fault."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

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


Distinct = Annotated[tuple[Item, ...], AfterValidator(_distinct)]
OneOrMore = Annotated[tuple[Item, ...], Field(min_length=1), AfterValidator(_distinct)]
