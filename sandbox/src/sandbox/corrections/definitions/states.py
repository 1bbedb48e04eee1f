"""Every field of every state, and of the machine: a closed table.

AWS Step Functions Developer Guide, "Amazon States Language specification" and the pages of the workflow states. Which
type has which field was measured by ValidateStateMachineDefinition (rule pf-sfn-asl-state-fields of cdk-preflight,
2026-09-05), as were the limits of numbers (pf-sfn-asl-numeric-ranges).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.corrections.definitions import choices, kinds, maps, tasks
from sandbox.corrections.definitions.diagnostics import Diagnostic, Place
from sandbox.corrections.definitions.handlers import CATCH, RETRY
from sandbox.corrections.definitions.kinds import Form, Kind

MOST_SECONDS = 99_999_999
LONGEST_NAME = 80


def states(place: Place, value: Any) -> Iterator[Diagnostic]:
    """The states of a machine, a branch or an item processor, by name."""
    if not isinstance(value, dict):
        yield place.fault("Expected value of type [OBJECT]")
        return
    if not value:
        yield place.fault("Value cannot be empty")
    for name, each in value.items():
        if not 0 < len(name) <= LONGEST_NAME:
            wrong = f"State name '{name}' exceeds the {LONGEST_NAME}-character limit allowed by the service"
            yield place.member(name).fault(wrong if name else "State name cannot be empty", "INVALID_STATE_NAME")
        yield from state(place.member(name), each)


def state(place: Place, value: Any) -> Iterator[Diagnostic]:
    """One state, by the form of its type and in its own query language."""
    if not isinstance(value, dict):
        yield place.fault("Expected value of type [OBJECT]")
        return
    whole, declared = place.machine.query_language, value.get("QueryLanguage", place.machine.query_language)
    if whole == "JSONata" and declared == "JSONPath":
        yield place.fault("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine")
    if "Type" not in value:
        yield place.fault("These fields are required: [Type]")
    elif value["Type"] not in FORMS:
        listed = "[Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]"
        yield place.member("Type").fault(f"The field 'Type' should have one of these values: {listed}")
    else:
        speaking = place.speaking("JSONPath" if declared == "JSONPath" else "JSONata")  # AWS: whatever is not JSONPath
        yield from FORMS[value["Type"]](speaking, value)


def container(**more: Kind) -> Form:
    """An object with states of its own."""
    fields: dict[str, Kind] = {"StartAt": kinds.text, "States": states, "Comment": kinds.text}
    return Form(fields | more, required=("States", "StartAt"))


_QUERY_LANGUAGE = kinds.one_of("JSONPath", "JSONata")
_COMMON: dict[str, Kind] = {"Type": kinds.text, "Comment": kinds.text, "QueryLanguage": _QUERY_LANGUAGE}
_LEADS: dict[str, Kind] = {"Next": kinds.text, "End": kinds.truth}
_ASSIGN: dict[str, Kind] = {"Assign": kinds.variables}
_HANDLED: dict[str, Kind] = {"Retry": RETRY, "Catch": CATCH}
_PATHS: dict[str, Kind] = {"InputPath": kinds.optional(kinds.path), "OutputPath": kinds.optional(kinds.path)}
_OUTPUT: dict[str, Kind] = {"Output": kinds.payload}
_RESULT_PATH: dict[str, Kind] = {"ResultPath": kinds.optional(kinds.result_path)}
_RESULT: dict[str, Kind] = _RESULT_PATH | {"ResultSelector": kinds.payload_object}
_PARAMETERS: dict[str, Kind] = {"Parameters": kinds.payload}
_ONWARD = (("Next", "End"),)
_SECONDS = kinds.integer(1, MOST_SECONDS)

_TASK = Form(
    _COMMON
    | _LEADS
    | _ASSIGN
    | _HANDLED
    | {
        "Resource": kinds.text,
        "Credentials": tasks.CREDENTIALS,
        "TimeoutSeconds": kinds.or_expression(_SECONDS),
        "HeartbeatSeconds": kinds.or_expression(_SECONDS),
    },
    jsonpath=_PATHS
    | _RESULT
    | _PARAMETERS
    | {"TimeoutSecondsPath": kinds.reference_path, "HeartbeatSecondsPath": kinds.reference_path},
    jsonata=_OUTPUT | {"Arguments": kinds.payload},
    required=("Resource",),
    exactly_one=_ONWARD,
    at_most_one=(("TimeoutSeconds", "TimeoutSecondsPath"), ("HeartbeatSeconds", "HeartbeatSecondsPath")),
)


def _task(place: Place, value: dict[str, Any]) -> Iterator[Diagnostic]:
    yield from _TASK(place, value)
    if isinstance(value.get("Resource"), str):
        yield from tasks.resource_faults(place, value)


_MAP = Form(
    _COMMON
    | _LEADS
    | _ASSIGN
    | _HANDLED
    | {
        "ItemProcessor": container(ProcessorConfig=maps.PROCESSOR_CONFIG),
        "Iterator": container(ProcessorConfig=maps.PROCESSOR_CONFIG),
        "ItemReader": maps.ITEM_READER,
        "ItemSelector": kinds.payload_object,
        "ItemBatcher": maps.ITEM_BATCHER,
        "ResultWriter": maps.RESULT_WRITER,
        "MaxConcurrency": kinds.or_expression(kinds.integer(0)),
        "ToleratedFailurePercentage": kinds.or_expression(kinds.fraction(0, 100)),
        "ToleratedFailureCount": kinds.or_expression(kinds.integer(0)),
        "Label": maps.label,
    },
    jsonpath=_PATHS
    | _RESULT
    | _PARAMETERS
    | {
        "ItemsPath": kinds.reference_path,
        "MaxConcurrencyPath": kinds.reference_path,
        "ToleratedFailurePercentagePath": kinds.reference_path,
        "ToleratedFailureCountPath": kinds.reference_path,
    },
    jsonata=_OUTPUT | {"Items": kinds.payload_items},
    exactly_one=(*_ONWARD, ("ItemProcessor", "Iterator")),
    at_most_one=(
        ("MaxConcurrency", "MaxConcurrencyPath"),
        ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
        ("ToleratedFailureCount", "ToleratedFailureCountPath"),
        ("ItemSelector", "Parameters"),
    ),
)

FORMS: Mapping[str, Kind] = {
    "Pass": Form(
        _COMMON | _LEADS | _ASSIGN,
        jsonpath=_PATHS | _RESULT_PATH | _PARAMETERS | {"Result": kinds.anything},
        jsonata=_OUTPUT,
        exactly_one=_ONWARD,
    ),
    "Task": _task,
    "Wait": Form(
        _COMMON
        | _LEADS
        | _ASSIGN
        | {
            "Seconds": kinds.or_expression(kinds.integer(0, MOST_SECONDS)),
            "Timestamp": kinds.or_expression(kinds.timestamp),
        },
        jsonpath=_PATHS | {"SecondsPath": kinds.reference_path, "TimestampPath": kinds.reference_path},
        jsonata=_OUTPUT,
        exactly_one=(*_ONWARD, ("SecondsPath", "Seconds", "TimestampPath", "Timestamp")),
    ),
    "Choice": Form(
        _COMMON | _ASSIGN | {"Choices": kinds.list_of(choices.rule, least=1), "Default": kinds.text},
        jsonpath=_PATHS,
        jsonata=_OUTPUT,
        required=("Choices",),
    ),
    "Succeed": Form(_COMMON, jsonpath=_PATHS, jsonata=_OUTPUT),
    "Fail": Form(
        _COMMON | {"Error": kinds.or_expression(kinds.text), "Cause": kinds.or_expression(kinds.text)},
        jsonpath={"ErrorPath": kinds.path_or_function, "CausePath": kinds.path_or_function},
        at_most_one=(("Error", "ErrorPath"), ("Cause", "CausePath")),
    ),
    "Parallel": Form(
        _COMMON | _LEADS | _ASSIGN | _HANDLED | {"Branches": kinds.list_of(container(), least=1)},
        jsonpath=_PATHS | _RESULT | _PARAMETERS,
        jsonata=_OUTPUT | {"Arguments": kinds.payload},
        required=("Branches",),
        exactly_one=_ONWARD,
    ),
    "Map": _MAP,
}

MACHINE = container(
    Version=kinds.one_of("1.0"),
    QueryLanguage=_QUERY_LANGUAGE,
    TimeoutSeconds=kinds.integer(0, MOST_SECONDS),
)
