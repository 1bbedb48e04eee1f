"""The parts of which workflows are made: expressions, choices, and the chain of steps."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_stepfunctions as sfn

from stacks.constructs.workflows.choice import Branch, Choice, Otherwise
from stacks.constructs.workflows.jsonata import Jsonata, field, first_of, literal
from stacks.constructs.workflows.states import Pass
from stacks.constructs.workflows.step import chain


@pytest.fixture
def stack() -> Stack:
    return Stack(App(), "Stack")


def rendered(start: sfn.State) -> dict[str, Any]:
    """The states that are reached from `start`, by name."""
    machine = sfn.StateMachine(
        start,
        "Machine",
        definition_body=sfn.DefinitionBody.from_chainable(start),
        query_language=sfn.QueryLanguage.JSONATA,
    )
    definition = machine.node.default_child.definition_string  # type: ignore[union-attr]
    return json.loads(Stack.of(machine).resolve(definition))["States"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Jsonata("$run"), "{% $run %}"),
        ({"a": [Jsonata("$run"), 1], "b": {"c": "text"}}, {"a": ["{% $run %}", 1], "b": {"c": "text"}}),
        (Jsonata(f"'{Jsonata('a')}-' & {literal([1, 'x'])}"), "{% 'a-' & [1, \"x\"] %}"),
        (first_of("$job.name", "''"), "{% $exists($job.name) ? $job.name : '' %}"),
        ((Jsonata("$run"), 2), ["{% $run %}", 2]),
        (None, None),
    ],
)
def test_a_field_wraps_every_expression_once(value: Any, expected: Any) -> None:
    assert field(value) == expected


@pytest.mark.parametrize("text", ["{% $run %}", " {% $run %}", "{%$run%}"])
def test_a_wrapped_expression_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is wrapped: write the bare expression"):
        Jsonata(text)


@pytest.mark.parametrize("value", ["{% $run %}", {"a": ["{% $run %}"]}, {"a": {"b": " {%$run%}"}}])
def test_a_field_that_was_wrapped_by_hand_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="is wrapped by hand: write Jsonata"):
        field(value)


def test_branches_are_tried_in_the_written_order_however_late_an_open_one_gets_its_target(stack: Stack) -> None:
    first = Branch(Jsonata("$n = 1"))
    choice = Choice(
        stack,
        "Which?",
        first,
        Branch(Jsonata("$n > 0"), Pass(stack, "More"), assign={"seen": Jsonata("$n")}),
        Otherwise(Pass(stack, "Less")),
    )
    assert choice.exits == [first]
    chain([choice, Pass(stack, "One")])
    assert choice.exits == []
    assert rendered(choice)["Which?"] == {
        "Type": "Choice",
        "Choices": [
            {"Condition": "{% $n = 1 %}", "Next": "One"},
            {"Condition": "{% $n > 0 %}", "Next": "More", "Assign": {"seen": "{% $n %}"}},
        ],
        "Default": "Less",
    }


@pytest.mark.parametrize(
    "branches", [[], [Branch(Jsonata("true"))], [Otherwise(), Branch(Jsonata("true"))]], ids=["none", "one", "order"]
)
def test_a_choice_that_could_fail_is_refused(stack: Stack, branches: list[Branch]) -> None:
    with pytest.raises(ValueError, match="'Which\\?' has no Otherwise as its last branch"):
        Choice(stack, "Which?", *branches)


def test_steps_run_in_the_order_of_the_chain(stack: Stack) -> None:
    steps = [Pass(stack, name) for name in ("A", "B", "C")]
    chain(steps)
    states = rendered(steps[0])
    assert [states[name].get("Next") for name in ("A", "B", "C")] == ["B", "C", None]


def test_a_step_behind_the_end_is_refused(stack: Stack) -> None:
    choice = Choice(stack, "Which?", Otherwise(sfn.Succeed(stack, "Done")))
    with pytest.raises(ValueError, match="the execution ends in 'Which\\?': 'Later' is never run"):
        chain([choice, Pass(stack, "Later")])
