"""The error of a refused field: pydantic collects it, with the allowed values and the cure."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic_core import PydanticCustomError

from specs import words

REFUSED = "refused"
MOST_LISTED = 40


def refused(message: str, *, allowed: str, write: str) -> PydanticCustomError:
    """The error to raise in a validator; pydantic adds the received value."""
    # The sentences travel as context: a template would trip over braces in what people typed.
    return PydanticCustomError(REFUSED, "refused", {"message": message, "allowed": allowed, "write": write})


def unknown_word(received: str, known: Iterable[str], noun: str) -> PydanticCustomError:
    """The refusal of a word outside a list, with the list's nearest one."""
    listed = tuple(known)
    near = words.nearest(received, listed)
    return refused(
        f"there is no {noun} {words.quoted(received)}",
        allowed=words.either(listed) if len(listed) <= MOST_LISTED else f"{len(listed)} {noun}s, such as {listed[0]}",
        write=words.quoted(near or listed[0]),
    )
