"""Single decisions of the workflows, by the expressions of the synthesized state machines."""

from __future__ import annotations

from typing import Any

import jsonata
import pytest
from state_machines import definition


@pytest.fixture(scope="module")
def training(variants) -> dict[str, dict]:
    return definition(variants["dev"]["training"])["States"]


@pytest.fixture(scope="module")
def release(variants) -> dict[str, dict]:
    return definition(variants["dev"]["release"])["States"]


def evaluate(expression: str, data: Any = None, **variables: Any) -> Any:
    """A `{% ... %}` field with workflow variables bound."""
    compiled = jsonata.Jsonata(expression.removeprefix("{%").removesuffix("%}").strip())
    frame = compiled.create_frame()
    for name, value in variables.items():
        frame.bind(name, value)
    return compiled.evaluate(data, frame)


def decide(state: dict, **variables: Any) -> str:
    """The state that a Choice leads to."""
    for choice in state["Choices"]:
        if evaluate(choice["Condition"], **variables) is True:
            return choice["Next"]
    return state["Default"]


NONE = {"version": "", "value": 0, "again": "", "archive": "", "problem": ""}


def test_failed_gate_says_by_how_much(training) -> None:
    below = evaluate(training["Below the threshold"]["Cause"], metrics={"accuracy": 0.9712}, champion=NONE)
    assert below == "accuracy 0.9712 is below the threshold 0.99, by 0.0188"
    champion = NONE | {"version": "arn:1", "value": 0.9950}
    worse = evaluate(training["Worse than the champion"]["Cause"], metrics={"accuracy": 0.9912}, champion=champion)
    assert worse == (
        "accuracy 0.9912 is worse than that of the champion arn:1 (0.995, as stored with it, of the same test split) "
        "by 0.0038, more than the tolerance 0.002"
    )


def test_a_champion_that_was_not_measured_refuses_nothing(training) -> None:
    champion = NONE | {"version": "arn:1", "value": 0.9990}
    gate = training["Good enough?"]
    assert decide(gate, metrics={"accuracy": 0.99}, champion=champion) == "Worse than the champion"
    assert (
        decide(gate, metrics={"accuracy": 0.99}, champion=champion | {"problem": "gone"}) != "Worse than the champion"
    )
    assert decide(gate, metrics={"accuracy": 0.9}, champion=champion | {"problem": "gone"}) == "Below the threshold"


NOW = {"accuracy": "0.99", "dataFingerprint": "f1"}


@pytest.mark.parametrize(
    ("properties", "why"),
    [
        (NOW, ""),
        (NOW | {"accuracy": "0"}, ""),
        (NOW | {"dataFingerprint": "f2"}, "data or code have changed since"),
        ({"accuracy": "0.99"}, "its data were not noted when it was registered"),
        ({"dataFingerprint": "f1", "auc": "1"}, "it was registered without accuracy"),
        ({}, "its data were not noted when it was registered"),
        (None, "its data were not noted when it was registered"),
    ],
)
def test_why_a_champion_is_measured_again(training, properties, why) -> None:
    again = training["How good is the champion?"]["Assign"]["champion"]["again"]
    result = {} if properties is None else {"CustomerMetadataProperties": properties}
    assert evaluate(again, fingerprint="f1", states={"result": result}) == why


@pytest.mark.parametrize(
    ("automatic", "package", "serving", "ignored"),
    [
        (True, "g/3", "", False),
        (True, "g/3", "g/2", False),
        (True, "g/3", "g/3", False),
        (True, "g/2", "g/3", True),
        (True, "g/9", "g/10", True),
        (False, "g/2", "g/3", False),
    ],
)
def test_event_of_an_older_version_is_ignored(release, automatic, package, serving, ignored) -> None:
    known = {"automatic": automatic, "package": package, "serving": serving, "status": "UPDATE_COMPLETE"}
    target = decide(release["Can it be released?"], **known)
    assert (target == "Ignored: older than what serves") is ignored


@pytest.mark.parametrize(
    ("status", "released", "leads_to"),
    [
        ("UPDATE_IN_PROGRESS", "", "Wait for the update"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "p", "Wait for the update"),
        ("UPDATE_COMPLETE", "p", "What does the endpoint serve?"),
        ("UPDATE_ROLLBACK_COMPLETE", "old", "Was it released by an approval?"),
        ("UPDATE_COMPLETE", "newer", "Overtaken by another release"),
    ],
)
def test_settled_update(release, status, released, leads_to) -> None:
    assert decide(release["Settled?"], status=status, released=released, package="p") == leads_to


def test_prune_keeps_what_serves_whatever_the_case_of_its_arn(release) -> None:
    expression = release["Which models are in service?"]["Assign"]["replaced"]
    result = {"result": {"ProductionVariants": [{"ModelName": "Live-mOdel"}]}}
    arns = ["arn:aws:sagemaker:r:a:endpoint-config/live-config", "arn:aws:sagemaker:r:a:model/live-model"]
    assert evaluate(expression, existing=arns, config="Live-Config", states=result) == []
