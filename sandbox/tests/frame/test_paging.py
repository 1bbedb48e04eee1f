"""Tokens of pages: the next one of the same question passes, every other is refused."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox.frame.errors import ValidationException
from sandbox.frame.listing import Listing
from sandbox.frame.paging import token
from sandbox.services.autoscaling.errors import InvalidNextTokenException
from sandbox.services.autoscaling.identity import page

LISTING = Listing("Models", "Name", "Status", "Ascending", by="Name")
RECORDS = [{"Name": f"model-{number}", "Status": "Ready"} for number in range(5)]
ASKED = {"NameContains": "model", "MaxResults": 2}
NEXT = token("Models", ASKED, 2)


def names(answer: dict[str, Any], member: str = "Models") -> list[str]:
    return [record["Name"] for record in answer[member]]


def test_pages_follow_one_another() -> None:
    first = LISTING.page(RECORDS, ASKED)
    second = LISTING.page(RECORDS, ASKED | {"NextToken": first["NextToken"]})
    last = LISTING.page(RECORDS, ASKED | {"NextToken": second["NextToken"], "MaxResults": 5})
    assert [names(each) for each in (first, second, last)] == [
        ["model-0", "model-1"],
        ["model-2", "model-3"],
        ["model-4"],
    ]
    assert "NextToken" not in last


REFUSED = [
    ASKED | {"NextToken": ""},
    ASKED | {"NextToken": "again"},
    ASKED | {"NextToken": NEXT + "x"},
    ASKED | {"NextToken": NEXT.replace(".2", ".-2")},
    ASKED | {"NextToken": NEXT.replace(".2", ".٢")},
    ASKED | {"NextToken": token("Endpoints", ASKED, 2)},
    ASKED | {"NextToken": NEXT, "NameContains": "other"},
    ASKED | {"NextToken": NEXT, "SortOrder": "Descending"},
]


@pytest.mark.parametrize("request_", REFUSED)
def test_a_token_of_another_question_is_refused(request_: dict[str, Any]) -> None:
    with pytest.raises(ValidationException, match=r"^Invalid NextToken '.*': use the one of the previous answer"):
        LISTING.page(RECORDS, request_)
    with pytest.raises(InvalidNextTokenException, match="with the same filters and order"):
        page("ScalableTargets", RECORDS, request_)


def test_scaling_pages_follow_one_another() -> None:
    first = page("ScalableTargets", RECORDS, {"MaxResults": 4})
    second = page("ScalableTargets", RECORDS, {"MaxResults": 4, "NextToken": first["NextToken"]})
    assert names(second, "ScalableTargets") == ["model-4"]
    assert "NextToken" not in second
