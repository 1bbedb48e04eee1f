"""The decisions of the workflows, by the expressions of the synthesized state machines."""

from __future__ import annotations

import json
from typing import Any

import jsonata
import pytest


@pytest.fixture(scope="module")
def training(variants) -> dict[str, dict]:
    return states(variants["dev"]["slipway-dev-digits-cnn-training"])


@pytest.fixture(scope="module")
def release(variants) -> dict[str, dict]:
    return states(variants["dev"]["slipway-dev-digits-cnn-release"])


def states(template: dict) -> dict[str, dict]:
    """The states of a template's machine; references to resources become their logical ids."""
    (machine,) = [item for item in template["Resources"].values() if item["Type"] == "AWS::StepFunctions::StateMachine"]
    definition = machine["Properties"]["DefinitionString"]
    if isinstance(definition, str):
        return json.loads(definition)["States"]
    _, parts = definition["Fn::Join"]
    return json.loads("".join(part if isinstance(part, str) else next(iter(part.values()))[0] for part in parts))[
        "States"
    ]


def evaluate(expression: str, data: Any = None, **variables: Any) -> Any:
    """A `{% ... %}` field with workflow variables bound."""
    compiled = jsonata.Jsonata(expression.removeprefix("{%").removesuffix("%}").strip())
    frame = compiled.create_frame()
    for name, value in variables.items():
        frame.bind(name, value)
    return compiled.evaluate(data, frame)


def decide(state: dict, **variables: Any) -> str:
    """The next state of a Choice."""
    for choice in state["Choices"]:
        if evaluate(choice["Condition"], **variables) is True:
            return choice["Next"]
    return state["Default"]


NONE = {"arn": "", "value": 0}


@pytest.mark.parametrize(
    ("accuracy", "champion", "leads_to"),
    [
        (0.9912, NONE, "Register"),
        (0.99, NONE, "Register"),
        (0.9899, NONE, "Below the threshold"),
        (0.9912, {"arn": "arn:1", "value": 0.9932}, "Register"),
        (0.9912, {"arn": "arn:1", "value": 0.9933}, "Worse than the champion"),
        (0.9950, {"arn": "arn:1", "value": 0.9912}, "Register"),
    ],
)
def test_gate(training, accuracy, champion, leads_to) -> None:
    assert decide(training["Good enough?"], metrics={"accuracy": accuracy}, champion=champion) == leads_to


def test_failed_gate_says_by_how_much(training) -> None:
    below = evaluate(training["Below the threshold"]["Cause"], metrics={"accuracy": 0.9712}, champion=NONE)
    assert below == "accuracy 0.9712 is below the threshold 0.99, by 0.0188"
    champion = {"arn": "arn:1", "value": 0.9950}
    worse = evaluate(training["Worse than the champion"]["Cause"], metrics={"accuracy": 0.9912}, champion=champion)
    assert worse == (
        "accuracy 0.9912 is worse than that of the champion arn:1 (0.995) by 0.0038, more than the tolerance 0.002"
    )


def job(status: str, secondary: str = "", reason: str = "") -> dict:
    return {"status": status, "secondary": secondary, "reason": reason}


@pytest.mark.parametrize(
    ("described", "leads_to"),
    [
        (job("Completed", "Completed"), "Describe"),
        (job("Failed", "Failed", "CapacityError: Unable to provision requested ML compute capacity"), "Go on after 0"),
        (job("Stopped", "MaxWaitTimeExceeded"), "Go on after 0"),
        (job("Stopped", "Stopped"), "Training was stopped"),
        (job("Stopped", "MaxRuntimeExceeded"), "Training was stopped"),
        (job("Failed", "Failed", "AlgorithmError: epochs must be more than 0"), "Training failed"),
        (job("Refused", "", "ValidationException: no such role"), "Training failed"),
    ],
)
def test_ladder_goes_on_for_want_of_compute_only(training, described, leads_to) -> None:
    assert decide(training["How did 0 end?"], job=described) == leads_to


def test_ladder_goes_down_to_the_last_candidate(training) -> None:
    train = [name for name in training if name.startswith("Train ")]
    assert [name.partition(": ")[2] for name in sorted(train)] == [
        "ml.g5.xlarge spot",
        "ml.g5.xlarge on-demand",
        "ml.g4dn.xlarge on-demand",
        "ml.c5.2xlarge on-demand",
    ]
    assert training["Go on after 3"]["Next"] == "No candidate left"
    tried = evaluate(training["Go on after 3"]["Assign"]["tried"], tried=["a: b"], job={"reason": "quota: none"})
    assert evaluate(training["No candidate left"]["Cause"], tried=tried) == (
        "no compute candidate could train: a: b; ml.c5.2xlarge on-demand: quota: none"
    )


def test_zero_quota_goes_on_without_a_job_to_describe(training) -> None:
    quota, *_ = training["Train 0: ml.g5.xlarge spot"]["Catch"]
    assert quota["ErrorEquals"] == ["SageMaker.ResourceLimitExceededException"]
    assert quota["Next"] == "Go on after 0"


def execution(given: Any) -> dict:
    return {"context": {"Execution": {"Input": given, "Id": "arn"}}}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "3.0"),
        ({"hyperparameters": {}}, "3.0"),
        ({"hyperparameters": {"epochs": 1}}, "1"),
        ({"hyperparameters": {"epochs": "4"}}, "4"),
    ],
)
def test_execution_input_overrides_hyperparameters(training, given, expected) -> None:
    merged = evaluate(training["Plan"]["Assign"]["hyperparameters"], states=execution(given))
    assert merged["epochs"] == expected
    assert {type(value) for value in merged.values()} == {str}
    assert merged["seed"] == "0"


@pytest.mark.parametrize(
    ("given", "leads_to"),
    [({}, "Plan"), ({"hyperparameters": {}}, "Plan"), ({"epochs": 1}, "Unknown input")],
)
def test_other_input_is_refused(training, given, leads_to) -> None:
    assert decide(training["Check the input"], states=execution(given)) == leads_to


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
    ("automatic", "approval", "leads_to"),
    [
        (True, "Approved", "What serves now?"),
        (True, "Rejected", "Ignored: not approved now"),
        (False, "Approved", "What serves now?"),
        (False, "Rejected", "Not approved"),
    ],
)
def test_only_what_is_approved_now_is_released(release, automatic, approval, leads_to) -> None:
    assert decide(release["Approved now?"], automatic=automatic, approval=approval) == leads_to


@pytest.mark.parametrize(
    ("problem", "leads_to"),
    [
        ("No updates are to be performed.", "Wait for the update"),
        ("Stack:arn is in UPDATE_IN_PROGRESS state and can not be updated.", "Wait for the stack"),
        ("User is not authorized to perform: cloudformation:UpdateStack", "Reject the package"),
    ],
)
def test_refused_update(release, problem, leads_to) -> None:
    assert decide(release["Why not?"], problem=problem) == leads_to


@pytest.mark.parametrize(
    ("status", "released", "leads_to"),
    [
        ("UPDATE_IN_PROGRESS", "", "Wait for the update"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "p", "Wait for the update"),
        ("UPDATE_COMPLETE", "p", "What does the endpoint serve?"),
        ("UPDATE_ROLLBACK_COMPLETE", "old", "Why was it rolled back?"),
        ("UPDATE_COMPLETE", "newer", "Overtaken by another release"),
    ],
)
def test_settled_update(release, status, released, leads_to) -> None:
    assert decide(release["Settled?"], status=status, released=released, package="p") == leads_to


def test_prune_keeps_what_serves(release) -> None:
    arns = [
        "arn:aws:sagemaker:r:a:model/m1",
        "arn:aws:sagemaker:r:a:model/m2",
        "arn:aws:sagemaker:r:a:endpoint-config/c1",
    ]
    result = {"result": {"ProductionVariants": [{"ModelName": "m2"}]}}
    expression = release["Which models are in service?"]["Assign"]["replaced"]
    assert evaluate(expression, existing=arns, config="c1", states=result) == ["arn:aws:sagemaker:r:a:model/m1"]
    assert evaluate(expression, existing=[], config="c1", states=result) == []


def test_prune_keeps_what_serves_whatever_the_case_of_its_arn(release) -> None:
    expression = release["Which models are in service?"]["Assign"]["replaced"]
    result = {"result": {"ProductionVariants": [{"ModelName": "Live-mOdel"}]}}
    arns = ["arn:aws:sagemaker:r:a:endpoint-config/live-config", "arn:aws:sagemaker:r:a:model/live-model"]
    assert evaluate(expression, existing=arns, config="Live-Config", states=result) == []
