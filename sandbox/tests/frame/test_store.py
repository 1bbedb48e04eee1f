"""The store of a service's records: found, refused, changed, tagged and kept."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox.frame.errors import InternalFailure, ValidationException
from sandbox.frame.store import Store, refusal
from sandbox.frame.tags import Tags

TEAM = {"Key": "team", "Value": "digits"}


class Missing(ValidationException):
    """When the test's resource does not exist."""


@pytest.fixture
def tags() -> Tags:
    return Tags()


@pytest.fixture
def store(tags: Tags) -> Store[str, dict[str, Any]]:
    missing, taken = refusal("no {key}", Missing), refusal("{key} is there")
    return Store(tags, lambda record: f"arn:{record['Name']}", missing, taken)


def test_a_record_is_found_with_its_tags(store: Store[str, dict[str, Any]], tags: Tags) -> None:
    store.add("a", {"Name": "a"}, [TEAM])
    assert store.find("a") == {"Name": "a"}
    assert tags.listed("arn:a") == [TEAM]


@pytest.mark.parametrize("operation", ["find", "remove", "change"])
def test_a_missing_key_has_the_services_own_error(store: Store[str, dict[str, Any]], operation: str) -> None:
    more = [dict] if operation == "change" else []
    with pytest.raises(Missing, match=r"^no a$"):
        getattr(store, operation)("a", *more)


def test_a_taken_key_keeps_its_record_and_tags(store: Store[str, dict[str, Any]], tags: Tags) -> None:
    store.add("a", {"Name": "a"})
    with pytest.raises(ValidationException, match=r"^a is there$"):
        store.add("a", {"Name": "a", "Second": True}, [TEAM])
    assert store.all() == [{"Name": "a"}]
    assert tags.of("arn:a") == {}


def test_a_key_that_the_sandbox_made_twice_is_its_own_fault(tags: Tags) -> None:
    store = Store[str, str](tags, str, refusal("no {key}"))
    store.add("a", "record")
    with pytest.raises(InternalFailure, match="the key a"):
        store.add("a", "record")


def test_a_change_replaces_the_record_and_keeps_the_former_one(store: Store[str, dict[str, Any]]) -> None:
    store.add("a", {"Name": "a"})
    before, after = store.change("a", lambda record: {**record, "Changed": True})
    assert (before, after) == ({"Name": "a"}, {"Name": "a", "Changed": True})
    assert store.find("a") is after


def test_a_removed_record_loses_its_tags(store: Store[str, dict[str, Any]], tags: Tags) -> None:
    store.add("a", {"Name": "a"}, [TEAM])
    store.remove("a")
    assert store.get("a") is None
    assert "arn:a" not in tags


def test_a_saved_state_does_not_follow_later_changes(store: Store[str, dict[str, Any]]) -> None:
    store.add("a", {"Name": "a"})
    state = store.state()
    store.change("a", lambda record: {**record, "Changed": True})
    store.add("b", {"Name": "b"})
    assert state == {"a": {"Name": "a"}}
