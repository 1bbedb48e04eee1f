"""The data of states: what is missing fails, in the words of AWS.

The errors and causes are those that localstack recorded from AWS (`test_base_scenarios.snapshot.json` and others).
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.config import Config
from workflow_lab import WorkflowLab

GIVEN = {"a": 1, "list": [1, 2, 3], "text": "x", "rows": [{"n": 1}, {"n": 2}]}
AT_FIRST = "An error occurred while executing the state 'First' (entered at the event id #2). "
NO_RESULTS = AT_FIRST + "Invalid path '$.no' : No results for path: $['no']"
SHOWN = '{"a":1,"list":[1,2,3],"text":"x","rows":[{"n":1},{"n":2}]}'


def one(kind: str, **members: Any) -> dict[str, Any]:
    ending = {} if kind in {"Succeed", "Fail", "Choice"} else {"End": True}
    return {"First": {"Type": kind, **ending, **members}}


def choice(**rule: Any) -> dict[str, Any]:
    return {
        "First": {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"},
        "Yes": {"Type": "Pass", "Result": "yes", "End": True},
        "No": {"Type": "Pass", "Result": "no", "End": True},
    }


@pytest.mark.parametrize(
    ("states", "cause"),
    [
        (one("Pass", InputPath="$.no"), NO_RESULTS),
        (one("Pass", OutputPath="$.no"), NO_RESULTS),
        (one("Succeed", InputPath="$.no"), NO_RESULTS),
        (one("Pass", OutputPath="$.no.more"), AT_FIRST + "Invalid path '$.no.more' : Missing property in path $['no']"),
        (
            one("Pass", Parameters={"deep": {"value.$": "$.no"}}),
            f"{AT_FIRST}The JSONPath '$.no' specified for the field 'value.$' could not be found in the input "
            f"'{SHOWN}'",
        ),
        (
            one("Pass", Parameters={"value.$": "States.Format('{}', $.no)"}),
            f"{AT_FIRST}The JsonPath argument for the field '$.no' could not be found in the input '{SHOWN}'",
        ),
        (
            one("Fail", ErrorPath="$.no"),
            f"{AT_FIRST}The JSONPath '$.no' specified for the field 'ErrorPath' could not be found in the input "
            f"'{SHOWN}'",
        ),
        (
            one("Wait", SecondsPath="$.no"),
            AT_FIRST + "The SecondsPath parameter does not reference an input value: $.no",
        ),
        (
            one("Wait", SecondsPath="$.text"),
            AT_FIRST + "The SecondsPath parameter cannot be parsed as a long value: $.text == x",
        ),
        (
            one("Wait", TimestampPath="$.text"),
            AT_FIRST
            + "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format "
            "string: $.text == x",
        ),
        (
            choice(Variable="$.no", NumericEquals=1),
            AT_FIRST + "Invalid path '$.no': The choice state's condition path references an invalid value.",
        ),
        (
            choice(Variable="$.a", NumericEqualsPath="$.no"),
            AT_FIRST + "Invalid path '$.no': The choice state's condition path references an invalid value.",
        ),
        (
            one("Map", ItemsPath="$.text", ItemProcessor={"StartAt": "Each", "States": {"Each": {"Type": "Succeed"}}}),
            AT_FIRST + 'Reference path "$.text" must point to array.',
        ),
        (
            one(
                "Map",
                ItemsPath="$.list",
                MaxConcurrencyPath="$.text",
                ItemProcessor={"StartAt": "Each", "States": {"Each": {"Type": "Succeed"}}},
            ),
            AT_FIRST + 'The MaxConcurrencyPath field refers to value "x" which is not a valid integer: $.text',
        ),
    ],
)
def test_what_is_missing_fails_as_states_runtime(workflows: WorkflowLab, states: dict, cause: str) -> None:
    assert workflows.failure(states, GIVEN) == ("States.Runtime", cause)


def test_no_catch_matches_states_runtime(workflows: WorkflowLab) -> None:
    catches = [{"ErrorEquals": ["States.Runtime"], "Next": "Caught"}, {"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    states = {
        "First": {
            "Type": "Parallel",
            "Branches": [{"StartAt": "In", "States": {"In": {"Type": "Pass", "InputPath": "$.no", "End": True}}}],
            "Catch": catches,
            "End": True,
        },
        "Caught": {"Type": "Pass", "End": True},
    }
    error, cause = workflows.failure(states)
    assert error == "States.Runtime"
    assert cause == (
        "An error occurred while executing the state 'In' (entered at the event id #4). "
        "Invalid path '$.no' : No results for path: $['no']"
    )


@pytest.mark.parametrize(
    ("state", "output"),
    [
        ({"Parameters": {"part.$": "$.list[1:]"}}, {"part": [2, 3]}),
        ({"Parameters": {"some.$": "$.rows[?(@.n == 2)]", "all.$": "$..n"}}, {"some": [{"n": 2}], "all": [1, 2]}),
        ({"Parameters": {"empty.$": "$.none[*].n"}}, {"empty": []}),
        ({"Parameters": {"in": [{"x.$": "$.a"}]}, "ResultPath": "$.rows[0].in"}, None),
        ({"ResultPath": "$.rows[1]", "Result": 5}, {**GIVEN, "rows": [{"n": 1}, 5]}),
        ({"InputPath": None, "Parameters": {"x.$": "$"}}, {"x": {}}),
        ({"OutputPath": None}, {}),
        ({"Parameters": {"x.$": "$$.Execution.Input.a", "y.$": "$$.State.Name"}}, {"x": 1, "y": "First"}),
        ({"Parameters": {"x.$": "States.Format('{}-{}', $.list, true)"}}, {"x": "[1,2,3]-true"}),
        ({"Parameters": {"x.$": "States.ArrayRange(3, 1, -1)"}}, {"x": [3, 2, 1]}),
        ({"Parameters": {"x.$": "States.JsonToString($.rows[?(@.n <= 1)])"}}, {"x": '[{"n":1}]'}),
    ],
)
def test_jsonpath_gives(workflows: WorkflowLab, state: dict, output: Any) -> None:
    if output is None:
        output = {**GIVEN, "rows": [{"n": 1, "in": {"in": [{"x": 1}]}}, {"n": 2}]}
    assert workflows.output(one("Pass", **state), GIVEN) == output


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("States.ArrayGetItem($.list, 5)", "the index 5 is out of range"),
        ("States.StringToJson($.text)", "Expecting value"),
        ("States.ArrayLength($.text)", "argument 1 must be an array"),
        ("States.MathAdd(1)", "it takes 2 arguments, got 1"),
        ("States.Format('{} {}', $.a)", "the template has 2 places, and 1 arguments are given"),
        ("States.Hash($.text, 'SHA-3')", "Invalid arguments in States.Hash"),
    ],
)
def test_an_intrinsic_function_that_fails(workflows: WorkflowLab, function: str, words: str) -> None:
    error, cause = workflows.failure(one("Pass", Parameters={"x.$": function}), GIVEN)
    assert error == "States.IntrinsicFailure"
    assert words in cause


@pytest.mark.parametrize(
    ("rule", "chosen"),
    [
        ({"Variable": "$.no", "IsPresent": False}, "yes"),
        ({"Variable": "$.none", "IsNull": True}, "yes"),
        ({"Variable": "$.none", "IsPresent": True}, "yes"),
        ({"Variable": "$.a", "NumericGreaterThanEqualsPath": "$.b"}, "no"),
        ({"Variable": "$.text", "StringLessThanPath": "$.more"}, "yes"),
        ({"Variable": "$.text", "StringMatches": "x*"}, "yes"),
        ({"Variable": "$.star", "StringMatches": "a\\*b"}, "yes"),
        ({"Variable": "$.text", "StringMatches": "a\\*b"}, "no"),
        ({"Variable": "$.day", "TimestampLessThanPath": "$.later"}, "yes"),
        ({"Variable": "$.day", "TimestampGreaterThan": "2026-01-01T00:00:00Z"}, "no"),
        ({"Variable": "$.a", "StringEquals": "1"}, "no"),
        ({"Variable": "$.yes", "BooleanEquals": True}, "yes"),
        ({"Variable": "$.a", "BooleanEquals": True}, "no"),
        ({"Not": {"And": [{"Variable": "$.a", "IsNumeric": True}, {"Variable": "$.yes", "IsNumeric": True}]}}, "yes"),
    ],
)
def test_a_choice(workflows: WorkflowLab, rule: dict, chosen: str) -> None:
    days = {"day": "2025-05-01T00:00:00Z", "later": "2025-05-02T00:00:00+02:00"}
    given = {"a": 1, "b": 2, "text": "x", "more": "xy", "star": "a*b", "none": None, "yes": True, **days}
    assert workflows.output(choice(**rule), given) == chosen


def test_variables_of_jsonpath_count_from_the_next_state_on(workflows: WorkflowLab) -> None:
    states = {
        "Set": {"Type": "Pass", "Assign": {"x.$": "$.a", "y": {"z": [1, 2]}}, "Next": "Change"},
        "Change": {"Type": "Pass", "Assign": {"x": "new"}, "Parameters": {"before.$": "$x"}, "Next": "Choose"},
        "Choose": {
            "Type": "Choice",
            "Choices": [{"Variable": "$x", "StringEquals": "new", "Assign": {"c": "chosen"}, "Next": "Use"}],
        },
        "Use": {
            "Type": "Pass",
            "Parameters": {"given.$": "$", "x.$": "$x", "c.$": "$c", "z.$": "States.ArrayGetItem($y.z, 1)"},
            "End": True,
        },
    }
    assert workflows.output(states, {"a": 1}) == {"given": {"before": 1}, "x": "new", "c": "chosen", "z": 2}


def test_variables_of_an_iteration_end_with_it(workflows: WorkflowLab) -> None:
    each = {"Type": "Pass", "Assign": {"x": "inner"}, "Parameters": {"outer.$": "$x"}, "End": True}
    states = {
        "Set": {"Type": "Pass", "Assign": {"x": "outer"}, "Result": [1, 2], "Next": "Each"},
        "Each": {"Type": "Map", "ItemProcessor": {"StartAt": "In", "States": {"In": each}}, "Next": "Use"},
        "Use": {"Type": "Pass", "Parameters": {"each.$": "$", "x.$": "$x"}, "End": True},
    }
    assert workflows.output(states) == {"each": [{"outer": "outer"}, {"outer": "outer"}], "x": "outer"}


@pytest.mark.parametrize(
    ("states", "words"),
    [
        (
            one("Pass", Output="{% $states.input.no %}"),
            "The JSONata expression '$states.input.no' specified for the field 'Output' returned nothing (undefined).",
        ),
        (
            one("Pass", Output={"a": ["{% 1 + 'x' %}"]}),
            "The JSONata expression '1 + 'x'' specified for the field 'Output/a[0]' threw an error during evaluation. ",
        ),
        (
            one("Pass", Assign={"a": "{% $no %}"}),
            "The JSONata expression '$no' specified for the field 'Assign/a' returned nothing (undefined).",
        ),
        (
            one("Wait", Timestamp="{% '2026-01-01' %}"),
            "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: 2026-01-01",
        ),
        (
            one("Map", Items="{% 'x' %}", ItemProcessor={"StartAt": "E", "States": {"E": {"Type": "Succeed"}}}),
            "The JSONata expression ''x'' specified for the field 'Items' returned an unexpected result type. "
            "Expected 'array', but was 'string' for value: \"x\"",
        ),
    ],
)
def test_an_expression_that_fails(workflows: WorkflowLab, states: dict, words: str) -> None:
    error, cause = workflows.failure(states, QueryLanguage="JSONata")
    assert error == "States.QueryEvaluationError"
    assert cause.startswith(AT_FIRST + words)


def test_a_succeed_state_has_an_output_in_jsonata(workflows: WorkflowLab) -> None:
    states = one("Succeed", Output={"a": "{% $states.input.a + 1 %}"})
    assert workflows.output(states, {"a": 1}, QueryLanguage="JSONata") == {"a": 2}


def test_a_fail_state_without_error_and_cause_has_neither(workflows: WorkflowLab) -> None:
    assert workflows.failure(one("Fail")) == (None, None)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"Type": "Pass", "InputPath": "$.no", "End": True}, ("FAILED", "States.Runtime", None)),
        ({"Type": "Succeed", "QueryLanguage": "JSONata", "Output": "{% 1 + 1 %}"}, ("SUCCEEDED", None, "2")),
    ],
)
def test_a_state_that_is_tested_alone(workflows: WorkflowLab, state: dict, expected: tuple) -> None:
    client = workflows.lab.aws("stepfunctions", config=Config(inject_host_prefix=False))
    answer = client.test_state(definition=json.dumps(state), roleArn=workflows.role, input="{}")
    assert (answer["status"], answer.get("error"), answer.get("output")) == expected


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.input.a + $b %}", "End": True},
        {"Type": "Pass", "Parameters": {"sum.$": "States.MathAdd($.a, $b)"}, "OutputPath": "$.sum", "End": True},
    ],
    ids=["JSONata", "JSONPath"],
)
def test_a_tested_state_has_its_variables(workflows: WorkflowLab, state: dict[str, Any]) -> None:
    client = workflows.lab.aws("stepfunctions", config=Config(inject_host_prefix=False))
    given = {"definition": json.dumps(state), "roleArn": workflows.role, "input": '{"a": 1}'}
    answer = client.test_state(**given, variables='{"b": 2}')
    assert (answer["status"], answer["output"]) == ("SUCCEEDED", "3")
    with pytest.raises(client.exceptions.ValidationException, match="variables and context have to be JSON objects"):
        client.test_state(**given, variables="[1]")


PAIRS = [{"key": "a", "value": 1, "at": 0}, {"key": "b", "value": {"x": 2}, "at": 1}]
EACH = {"StartAt": "Each", "States": {"Each": {"Type": "Succeed"}}}
OF_CONTEXT = {"key": "Key", "value": "Value", "at": "Index"}
BY_PATH = {"ItemSelector": {f"{name}.$": f"$$.Map.Item.{field}" for name, field in OF_CONTEXT.items()}}
BY_JSONATA = {
    "QueryLanguage": "JSONata",
    "ItemSelector": {name: f"{{% $states.context.Map.Item.{field} %}}" for name, field in OF_CONTEXT.items()},
}


@pytest.mark.parametrize("mode", ["INLINE", "DISTRIBUTED"])
@pytest.mark.parametrize(
    "members",
    [
        {"ItemsPath": "$.by_name", **BY_PATH},
        {"InputPath": "$.by_name", **BY_PATH},
        {"Items": "{% $states.input.by_name %}", **BY_JSONATA},
        {"Items": {"a": "{% 1 %}", "b": {"x": 2}}, **BY_JSONATA},
    ],
    ids=["path", "input", "expression", "literal"],
)
def test_an_object_is_mapped_pair_by_pair(workflows: WorkflowLab, members: dict[str, Any], mode: str) -> None:
    config = {"Mode": mode} | ({"ExecutionType": "STANDARD"} if mode == "DISTRIBUTED" else {})
    states = one("Map", ItemProcessor={**EACH, "ProcessorConfig": config}, **members)
    assert workflows.output(states, {"by_name": {"a": 1, "b": {"x": 2}}}) == PAIRS


def test_a_whole_pair_has_no_form_that_aws_documents(workflows: WorkflowLab) -> None:
    _, cause = workflows.failure(one("Map", ItemProcessor=EACH), {"a": 1})
    assert cause is not None
    assert "select Key and Value of Map.Item in the context object" in cause


def test_a_text_is_not_mapped(workflows: WorkflowLab) -> None:
    """An object was not either when this sentence was recorded; AWS's guide allows one since."""
    _, cause = workflows.failure(one("Map", ItemProcessor=EACH), "text", QueryLanguage="JSONata")
    assert cause is not None
    assert cause.startswith(AT_FIRST + 'Map state input must be an array but was: "text"')
