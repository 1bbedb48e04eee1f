"""State machines and executions that AWS refuses, by API and in a stack."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from iam_lab import refusal
from job_lab import Lab, trust, unique
from stack_lab import Stack

MACHINE = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
WAITING = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 99, "End": True}}})
WRONG = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Colour": 1, "Size": 2, "End": True}}})
COLOUR = "SCHEMA_VALIDATION_FAILED: Field 'Colour' is not supported at /States/A"
SIZE = "SCHEMA_VALIDATION_FAILED: Field 'Size' is not supported at /States/A"
INVALID = f"Invalid State Machine Definition: '{COLOUR}, {SIZE}'"
TRUST = (
    "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the "
    "provided role."
)
LONG = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True, "Comment": "x" * 1_048_576}}})


@pytest.fixture(scope="module")
def states(aws: Callable[[str], Any]) -> Any:
    return aws("stepfunctions")


@pytest.fixture(scope="module")
def role(lab: Lab) -> str:
    return lab.make_role(trust("states.amazonaws.com"))


@pytest.fixture(scope="module")
def stranger(lab: Lab) -> str:
    return lab.make_role(trust("lambda.amazonaws.com"))


def made(states: Any, role: str, definition: str = MACHINE, **options: Any) -> str:
    created = states.create_state_machine(name=unique("machine"), definition=definition, roleArn=role, **options)
    return created["stateMachineArn"]


@pytest.mark.parametrize(
    ("given", "code", "sentence"),
    [
        ({"definition": WRONG}, "InvalidDefinition", INVALID),
        ({"definition": LONG}, "ValidationException", "at 'definition' failed to satisfy constraint: Member must have"),
        ({"definition": " "}, "InvalidDefinition", "Definition must be a valid JSON object at null"),
        ({"name": "a b"}, "InvalidName", "Invalid Name: 'a b'"),
        ({"name": "a" * 81}, "ValidationException", "at 'name' failed to satisfy constraint: Member must have length"),
        ({"type": "FAST"}, "ValidationException", "Member must satisfy enum value set: [STANDARD, EXPRESS]"),
        ({"roleArn": "nobody"}, "InvalidArn", "Invalid Arn: 'Invalid ARN prefix: nobody'"),
        ({"roleArn": "arn:aws:iam::000000000000:role/nobody"}, "AccessDeniedException", TRUST),
    ],
)
def test_refused_at_creation(states: Any, role: str, given: dict[str, str], code: str, sentence: str) -> None:
    request = {"name": unique("machine"), "definition": MACHINE, "roleArn": role} | given
    found, message = refusal(states.create_state_machine, **request)
    assert found == code
    assert sentence in message
    assert request["name"] not in [each["name"] for each in states.list_state_machines()["stateMachines"]]


def test_a_role_that_does_not_trust_the_service(states: Any, role: str, stranger: str) -> None:
    request = {"name": unique("machine"), "definition": MACHINE, "roleArn": stranger}
    assert refusal(states.create_state_machine, **request) == ("AccessDeniedException", TRUST)
    update = {"stateMachineArn": made(states, role), "roleArn": stranger}
    assert refusal(states.update_state_machine, **update) == ("AccessDeniedException", TRUST)


def test_refused_at_an_update(states: Any, role: str) -> None:
    arn = made(states, role)
    assert refusal(states.update_state_machine, stateMachineArn=arn, definition=WRONG) == ("InvalidDefinition", INVALID)
    assert states.describe_state_machine(stateMachineArn=arn)["definition"] == MACHINE
    code, message = refusal(states.update_state_machine, stateMachineArn=arn)
    assert code == "MissingRequiredParameter"
    assert message.startswith("Either the definition, the role ARN, the LoggingConfiguration, or the Tracing")


def test_validation_says_what_a_creation_would(states: Any) -> None:
    assert states.validate_state_machine_definition(definition=MACHINE)["result"] == "OK"
    found = states.validate_state_machine_definition(definition=WRONG, maxResults=1)
    shown = {"code": "SCHEMA_VALIDATION_FAILED", "message": "Field 'Colour' is not supported", "severity": "ERROR"}
    assert found["diagnostics"] == [{**shown, "location": "/States/A"}]
    assert (found["result"], found["truncated"]) == ("FAIL", True)
    assert len(states.validate_state_machine_definition(definition=WRONG, maxResults=0)["diagnostics"]) == 2
    (unreadable,) = states.validate_state_machine_definition(definition="not a definition")["diagnostics"]
    assert unreadable["location"] == '[Source: (String)"not a definition"; line: 1, column: 4]'


@pytest.mark.parametrize(("severity", "codes"), [("ERROR", []), ("WARNING", ["PASS_RESULT_IS_STATIC"])])
def test_validation_with_warnings_is_right(states: Any, severity: str, codes: list[str]) -> None:
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "$.a", "End": True}}})
    found = states.validate_state_machine_definition(definition=definition, severity=severity)
    assert found["result"] == "OK"
    assert [each["code"] for each in found["diagnostics"]] == codes


def test_validation_knows_express_machines(states: Any) -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": "q", "MessageBody": "m"},
        "End": True,
    }
    definition = json.dumps({"StartAt": "A", "States": {"A": task}})
    assert states.validate_state_machine_definition(definition=definition)["result"] == "OK"
    assert states.validate_state_machine_definition(definition=definition, type="EXPRESS")["result"] == "FAIL"
    code, message = refusal(states.validate_state_machine_definition, definition=definition, maxResults=101)
    assert (code, "less than or equal to 100" in message) == ("ValidationException", True)


@pytest.fixture
def stack(aws: Callable[[str], Any]) -> Iterator[Stack]:
    created = Stack(aws)
    yield created
    created.delete()


def test_a_stack_fails_with_the_sentence_of_aws(stack: Stack, role: str, stranger: str) -> None:
    def template(definition: str, role_arn: str) -> dict[str, Any]:
        properties = {"DefinitionString": definition, "RoleArn": role_arn}
        return {"Resources": {"Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}

    assert stack.created(template(MACHINE, role)) == "CREATE_COMPLETE"
    assert stack.updated(template(WRONG, role)) == "UPDATE_ROLLBACK_COMPLETE"
    assert f'Resource handler returned message: "{INVALID} (Service: Sfn, Status Code: 400' in stack.reason(
        "Machine", "UPDATE_FAILED"
    )
    assert stack.updated(template(MACHINE, stranger)) == "UPDATE_ROLLBACK_COMPLETE"


def test_a_stack_is_not_created_with_a_wrong_machine(stack: Stack, role: str) -> None:
    properties = {"Definition": json.loads(WRONG), "RoleArn": role}
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    assert stack.created({"Resources": {"Machine": machine}}) == "ROLLBACK_COMPLETE"
    assert INVALID in stack.reason("Machine", "CREATE_FAILED")


@pytest.mark.parametrize(
    ("given", "code", "sentence"),
    [
        (
            {"input": "not an input"},
            "InvalidExecutionInput",
            "Invalid State Machine Execution Input: 'Unrecognized tok",
        ),
        ({"input": "{'a': 1}"}, "InvalidExecutionInput", "'Unexpected character (''' (code 39)): was expecting double"),
        ({"input": ""}, "InvalidExecutionInput", "Invalid State Machine Execution Input: 'Invalid execution input.'"),
        ({"input": json.dumps("x" * 262_143)}, "ValidationException", "failed to satisfy constraint"),
        ({"input": json.dumps("ä" * 131_072, ensure_ascii=False)}, "ValidationException", "it has 262146 bytes"),
        ({"name": "a/b"}, "InvalidName", "Invalid Name: 'a/b'"),
        ({"name": "a" * 81}, "ValidationException", "Member must have length less than or equal to 80"),
    ],
)
def test_executions_that_do_not_start(states: Any, role: str, given: dict[str, str], code: str, sentence: str) -> None:
    arn = made(states, role)
    found, message = refusal(states.start_execution, stateMachineArn=arn, **given)
    assert found == code
    assert sentence in message
    assert states.list_executions(stateMachineArn=arn)["executions"] == []


def test_the_same_name_and_input_are_the_same_running_execution(states: Any, role: str) -> None:
    request = {"stateMachineArn": made(states, role, WAITING), "name": "once", "input": '{"a": 1}'}
    first, again = states.start_execution(**request), states.start_execution(**request)
    assert (again["executionArn"], again["startDate"]) == (first["executionArn"], first["startDate"])
    taken = ("ExecutionAlreadyExists", f"Execution Already Exists: '{first['executionArn']}'")
    assert refusal(states.start_execution, **request | {"input": "{}"}) == taken
    states.stop_execution(executionArn=first["executionArn"])
    assert refusal(states.start_execution, **request) == taken


def test_only_express_machines_run_synchronously(aws: Callable[..., Any], states: Any, role: str) -> None:
    from botocore.config import Config

    client = aws("stepfunctions", config=Config(inject_host_prefix=False))
    code, message = refusal(client.start_sync_execution, stateMachineArn=made(states, role))
    assert (code, message) == (
        "StateMachineTypeNotSupported",
        "This operation is not supported by this type of state machine",
    )
    ended = client.start_sync_execution(stateMachineArn=made(states, role, type="EXPRESS"), input="[1]")
    assert (ended["status"], ended["output"]) == ("SUCCEEDED", "[1]")
