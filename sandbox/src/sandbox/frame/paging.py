"""Tokens of pages: each belongs to one question, and names the position at which its answer goes on."""

from __future__ import annotations

import hashlib
import json
from typing import Any

_OF_THE_PAGE = frozenset({"NextToken", "MaxResults"})


class BadToken(Exception):
    """When a token does not come from an answer to the same question."""


def position(operation: str, request: dict[str, Any]) -> int:
    """The position at which the page of a request begins: zero without a token. Raises BadToken."""
    token = request.get("NextToken")
    if token is None:
        return 0
    question, _, place = token.partition(".")
    if question != _question(operation, request) or not (place.isascii() and place.isdecimal()):
        raise BadToken(
            f"Invalid NextToken '{token}': use the one of the previous answer, with the same filters and order."
        )
    return int(place)


def token(operation: str, request: dict[str, Any], place: int) -> str:
    """The token of the page at a position of the same question."""
    return f"{_question(operation, request)}.{place}"


def _question(operation: str, request: dict[str, Any]) -> str:
    asked = {name: value for name, value in request.items() if name not in _OF_THE_PAGE}
    return hashlib.sha256(json.dumps([operation, asked], sort_keys=True, default=str).encode()).hexdigest()[:32]
