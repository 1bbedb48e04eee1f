"""Definitions of state machines: what AWS refuses when they are made, and with which sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sandbox.corrections.definitions.check import diagnostics

INTEGRATIONS = frozenset(f"arn:aws:states:::{name}" for name in ("lambda:invoke", "sqs:sendMessage", "ecs:runTask"))
PASS = {"Type": "Pass", "End": True}
SUCCEED = {"Type": "Succeed"}
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
CATCHER = {"ErrorEquals": ["States.ALL"], "Next": "B"}
RULE = {"Variable": "$.a", "IsPresent": True, "Next": "B"}


def machine(a: Any, **more: Any) -> dict[str, Any]:
    """A machine that starts with A.

    Names of one letter are further states, others are fields of the machine.
    """
    states = {name: value for name, value in more.items() if len(name) == 1}
    return {"StartAt": "A", "States": {"A": a, **states}} | {n: v for n, v in more.items() if len(n) > 1}


def jsonata(a: Any, **more: Any) -> dict[str, Any]:
    return machine(a, QueryLanguage="JSONata", **more)


def passing(**fields: Any) -> dict[str, Any]:
    return PASS | fields


def task(resource: str = FUNCTION, **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "End": True, **fields}


def calling(called: str, **parameters: Any) -> dict[str, Any]:
    return task(f"arn:aws:states:::{called}", Parameters=parameters)


def choice(*rules: Any, **fields: Any) -> dict[str, Any]:
    return {"Type": "Choice", "Choices": list(rules), **fields}


def mapping(processor: Any, **fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}


def distributed(**fields: Any) -> dict[str, Any]:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    inner = {"StartAt": "C", "States": {"C": PASS}, "ProcessorConfig": config}
    return {"Type": "Map", "ItemProcessor": inner, "End": True, **fields}


def onward(state: dict[str, Any]) -> dict[str, Any]:
    """The state with B after it."""
    return {name: value for name, value in state.items() if name != "End"} | {"Next": "B"}


def reading(**config: Any) -> dict[str, Any]:
    return distributed(ItemReader={"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": config})


def inner(**states: Any) -> dict[str, Any]:
    return {"StartAt": "C", "States": states}


def parallel(*branches: Any) -> dict[str, Any]:
    return {"Type": "Parallel", "Branches": list(branches), "End": True}


SCHEMA = "SCHEMA_VALIDATION_FAILED: "
TARGET = "MISSING_TRANSITION_TARGET: "
UNKNOWN = "is not recognized. The value is not a valid resource ARN, or the resource is not available in this region."

# The sentences are AWS's own where a comment names who recorded them: L localstack's snapshots, F floci's measured
# tests, P cdk-preflight's rules, C aws-cdk #10014. For all others AWS's code is documented, and its sentence is not.
REFUSED: list[tuple[Any, str]] = [
    # the machine
    ("", f"{SCHEMA}Definition must be a valid JSON object at null"),  # L
    ("[]", f"{SCHEMA}Definition must be a valid JSON object at null"),
    ("not a definition", "INVALID_JSON_DESCRIPTION: Unrecognized token 'not': was expecting (JSON String, Number"),  # L
    ("{'a': 1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name"),  # L
    ('{"a": NaN}', "INVALID_JSON_DESCRIPTION: Unrecognized token 'NaN'"),
    ('{"a": ', "INVALID_JSON_DESCRIPTION: Unexpected end-of-input"),
    ({}, f"{SCHEMA}These fields are required: [States, StartAt] at /"),  # L
    ({"States": {"A": PASS}}, f"{SCHEMA}These fields are required: [StartAt] at /"),  # L
    (machine(PASS, Timeout=1), f"{SCHEMA}Field 'Timeout' is not supported at /"),  # P
    (machine(PASS, Version="2.0"), f"{SCHEMA}Value should be one of the following: [1.0] at /Version"),  # P
    (machine(PASS, QueryLanguage="SQL"), "Value should be one of the following: [JSONPath, JSONata] at /QueryLanguage"),
    (machine(PASS, QueryLanguage=1), f"{SCHEMA}Expected value of type [STRING] at /QueryLanguage"),  # F
    (machine(PASS, TimeoutSeconds="9"), f"{SCHEMA}Expected value of type Integer at /TimeoutSeconds"),
    (machine(PASS, Comment=1), f"{SCHEMA}Expected value of type [STRING] at /Comment"),
    ({"StartAt": "A", "States": {}}, f"{SCHEMA}Value cannot be empty at /States"),
    ({"StartAt": "A", "States": []}, f"{SCHEMA}Expected value of type [OBJECT] at /States"),
    ({"StartAt": "B" * 81, "States": {"B" * 81: PASS}}, "exceeds the 80-character limit allowed by the service"),  # P
    ({"StartAt": "", "States": {"": PASS}}, "INVALID_STATE_NAME: State name cannot be empty"),
    # states
    (machine("A"), f"{SCHEMA}Expected value of type [OBJECT] at /States/A"),
    (machine({"End": True}), f"{SCHEMA}These fields are required: [Type] at /States/A"),
    (machine({"Type": "Job"}), "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed"),  # L
    (machine(passing(Colour=1)), f"{SCHEMA}Field 'Colour' is not supported at /States/A"),
    (machine(passing(TimeoutSeconds=5)), f"{SCHEMA}Field 'TimeoutSeconds' is not supported at /States/A"),  # F
    (machine(passing(Catch=[CATCHER]), B=PASS), f"{SCHEMA}Field 'Catch' is not supported at /States/A"),  # F
    (machine(SUCCEED | {"End": True}), f"{SCHEMA}Field 'End' is not supported at /States/A"),
    (machine({"Type": "Fail", "Next": "B"}, B=PASS), f"{SCHEMA}Field 'Next' is not supported at /States/A"),
    (machine({"Type": "Pass"}), "This object should have only one of the following fields: [Next, End] at /States/A"),
    (machine(passing(Next="B"), B=PASS), "There should only be one of the following fields: [Next, End]"),  # P
    (machine(passing(End="true")), f"{SCHEMA}Expected value of type [BOOLEAN] at /States/A/End"),
    (machine({"Type": "Wait", "End": True}), "only one of the following fields: [SecondsPath, Seconds, Timest"),  # P
    (
        machine({"Type": "Wait", "Seconds": 1, "Timestamp": "2030-01-01T00:00:00Z", "End": True}),
        "There should only be one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp]",  # P
    ),
    (
        machine({"Type": "Wait", "Timestamp": "2030-01-01 00:00:00Z", "End": True}),
        f"{SCHEMA}String does not match RFC3339 timestamp at /States/A/Timestamp",  # L
    ),
    (machine({"Type": "Wait", "Seconds": -1, "End": True}), f"{SCHEMA}Minimum value is 0 at /States/A/Seconds"),  # P
    (machine({"Type": "Fail", "Error": "a", "ErrorPath": "$.a"}), "only be one of the following fields: [Error, E"),
    (machine({"Type": "Fail", "CausePath": 1}), f"{SCHEMA}Expected value of type [STRING] at /States/A/CausePath"),  # F
    (machine({"Type": "Fail", "CausePath": "a"}), "must be a valid JSONPath or a valid intrinsic function call"),
    # query languages
    (
        jsonata(passing(InputPath="$")),
        "is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath'",
    ),
    (machine(passing(Output=1)), "is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata'"),  # F
    (jsonata(choice(RULE, Default="B"), B=PASS), "but field 'Variable' is only supported for the 'JSONPath'"),  # P
    (machine(choice({"Condition": "{% true %}", "Next": "B"}), B=PASS), "field 'Condition' is only supported for"),  # P
    (
        jsonata(passing(QueryLanguage="JSONPath")),
        f"{SCHEMA}'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/A",  # L
    ),
    (
        machine(mapping(inner(C=PASS) | {"QueryLanguage": "JSONata"})),
        f"{SCHEMA}Field 'QueryLanguage' is not supported at /States/A/ItemProcessor",  # F
    ),
    (
        machine(mapping(inner(C=passing(Output=1)), QueryLanguage="JSONata")),
        "field 'Output' is only supported for the 'JSONata' QueryLanguage at /States/A/ItemProcessor/States/C",  # F
    ),
    # paths
    (machine(passing(InputPath="a")), f"{SCHEMA}Value must be a valid JSONPath. at /States/A/InputPath"),  # P
    (machine(passing(OutputPath="$.")), f"{SCHEMA}Value must be a valid JSONPath. at /States/A/OutputPath"),
    (machine(passing(InputPath=1)), f"{SCHEMA}Expected value of type [STRING] at /States/A/InputPath"),
    (machine(passing(ResultPath="a")), "Value is not a Reference Path: Reference path didn't start with '$' at"),  # P
    (machine(passing(ResultPath="$.a[*]")), f"{SCHEMA}Value is not a Reference Path at /States/A/ResultPath"),  # P
    (machine(passing(ResultPath="$$.a")), f"{SCHEMA}Value is not a Reference Path at /States/A/ResultPath"),
    (
        machine(task(TimeoutSecondsPath="$..a")),
        f"{SCHEMA}Value is not a Reference Path at /States/A/TimeoutSecondsPath",
    ),
    (
        machine(passing(Parameters={"a.$": "b"})),
        "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at /States/A/Param",
    ),
    (
        machine(passing(Parameters={"a.$": 'States.StringToJson(\'{"b":"\\"c\\""}\')'})),
        "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at /States/A/Param",
    ),  # L
    (machine(passing(Parameters={"a": {"b.$": "States.Sum($.c)"}})), "The value for the field 'b.$' must be a valid"),
    (machine(passing(Assign={"states": 1})), "RESERVED_VARIABLE_NAME: Cannot assign to reserved variable '$states'."),
    (machine(passing(Assign={"a-b.$": "$"})), "INVALID_VARIABLE_NAME: Invalid variable name 'a-b': the variable"),  # P
    (machine(passing(Assign=[])), f"{SCHEMA}Expected value of type [OBJECT] at /States/A/Assign"),
    # expressions
    (jsonata(passing(Output="{% 1 + %}")), "INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/A/Out"),
    (
        jsonata(passing(Output={"a": ["{% a[1,2) %}"]})),
        "INVALID_JSONATA_EXPRESSION: Expected ], got , at /States/A/Outp",
    ),
    (
        jsonata(passing(Output="{% $$ %}")),
        "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$$' is not supported. at",
    ),  # F
    (jsonata(passing(Output="{% a.b %}")), "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'a' at the top level is not"),
    (
        jsonata(passing(Output="{% $states.errorOutput %}")),
        "Field '$states.errorOutput' does not exist. at /States/A/O",
    ),
    (jsonata(passing(Output="{% 1")), f"{SCHEMA}JSONata string must start with {{% and end with %}} at /States/A"),  # P
    (jsonata(choice({"Condition": "true", "Next": "B"}), B=PASS), "string must start with {% and end with %}"),
    (jsonata({"Type": "Wait", "Seconds": "{% ( %}", "End": True}), "INVALID_JSONATA_EXPRESSION: "),
    # choices
    (machine(choice()), f"{SCHEMA}Value cannot be empty at /States/A/Choices"),  # P
    (machine({"Type": "Choice", "Default": "B"}, B=PASS), f"{SCHEMA}These fields are required: [Choices] at /States/A"),
    (machine(choice({"Variable": "$.a", "IsNull": True})), "These fields are required: [Next] at /States/A/Choices[0]"),
    (
        machine(choice({"Variable": "$.a", "Next": "B"}), B=PASS),
        "should have only one of the following fields: [String",
    ),
    (
        machine(choice(RULE | {"IsNull": True}), B=PASS),
        "There should only be one of the following fields: [IsNull, IsPr",
    ),
    (
        machine(choice({"Next": "B"}), B=PASS),
        "must have only one of the following fields, [And, Or, Not, Variable, Con",
    ),
    (machine(choice({"Not": RULE, "Next": "B"}), B=PASS), "Field 'Next' is not supported at /States/A/Choices[0]/Not"),
    (
        machine(choice(RULE | {"Variable": "a"}), B=PASS),
        "Reference path didn't start with '$' at /States/A/Choices[0]/V",
    ),
    (
        machine(choice(RULE | {"IsPresent": "yes"}), B=PASS),
        "Expected value of type [BOOLEAN] at /States/A/Choices[0]/Is",
    ),
    (machine(choice(RULE | {"Colour": 1}), B=PASS), f"{SCHEMA}Field 'Colour' is not supported at /States/A/Choices[0]"),
    # retries and catches
    (machine(task(Retry=[{}])), f"{SCHEMA}These fields are required: [ErrorEquals] at /States/A/Retry[0]"),  # P
    (machine(task(Retry=[{"ErrorEquals": []}])), f"{SCHEMA}Value cannot be empty at /States/A/Retry[0]/ErrorEquals"),
    (machine(task(Retry={})), f"{SCHEMA}Expected value of type [ARRAY] at /States/A/Retry"),
    (
        machine(task(Retry=[{"ErrorEquals": ["States.ALL", "Other"]}])),
        f"{SCHEMA}States.ALL must appear alone and at end of list at /States/A/Retry[0]/ErrorEquals",  # P
    ),
    (machine(task(Catch=[CATCHER, CATCHER]), B=PASS), "must appear alone and at end of list at /States/A/Catch[0]/Err"),
    (machine(task(Catch=[{"ErrorEquals": ["Other"]}])), f"{SCHEMA}These fields are required: [Next] at /States/A/Ca"),
    (machine(task(Retry=[{"ErrorEquals": ["a"], "BackoffRate": 0.5}])), f"{SCHEMA}Minimum value is 1.0 at /States/A/R"),
    (machine(task(Retry=[{"ErrorEquals": ["a"], "MaxDelaySeconds": 0}])), f"{SCHEMA}Minimum value is 1 at /States/A/R"),
    (machine(task(Retry=[{"ErrorEquals": ["a"], "JitterStrategy": "HALF"}])), "one of the following: [NONE, FULL]"),
    (jsonata(task(Catch=[CATCHER | {"ResultPath": "$"}]), B=PASS), "field 'ResultPath' is only supported for the"),
    # maps and branches
    (machine({"Type": "Map", "End": True}), "have only one of the following fields: [ItemProcessor, Iterator]"),  # P
    (
        machine(mapping({"StartAt": "C"})),
        f"{SCHEMA}These fields are required: [States] at /States/A/ItemProcessor",
    ),  # P
    (machine(mapping(inner(C=PASS), MaxConcurrency=-1)), f"{SCHEMA}Minimum value is 0 at /States/A/MaxConcurrency"),
    (
        machine(mapping(inner(C=PASS), MaxConcurrency=1, MaxConcurrencyPath="$.a")),
        "following fields: [MaxConcurrency, ",
    ),
    (
        machine(mapping(inner(C=PASS), ItemsPath="$.a[*]")),
        f"{SCHEMA}Value is not a Reference Path at /States/A/ItemsPa",
    ),
    (machine(mapping(inner(C=PASS), ToleratedFailurePercentage=101)), f"{SCHEMA}Maximum value is 100 at /States/A/Tol"),
    (machine(mapping(inner(C=PASS) | {"ProcessorConfig": {"Mode": "FAST"}})), "one of the following: [INLINE, DISTRIB"),
    (
        machine(mapping(inner(C=PASS) | {"ProcessorConfig": {"Mode": "DISTRIBUTED"}})),
        "required: [ExecutionType] at",
    ),  # P
    (
        machine(mapping(inner(C=PASS) | {"ProcessorConfig": {"Mode": "INLINE", "ExecutionType": "STANDARD"}})),
        f"{SCHEMA}Field 'ExecutionType' is not supported at /States/A/ItemProcessor/ProcessorConfig",  # P
    ),
    (
        machine(distributed(ItemReader={"Resource": "arn:aws:states:::s3:headObject"})),
        "The field 'Resource' does not match any of the allowed values. Examples: [arn:<partition>:states:::s3",  # P
    ),
    (machine(reading(InputType="CSV")), f"{SCHEMA}The field 'CSVHeaderLocation' is required at /States/A/ItemReader"),
    (machine(reading(InputType="JSON", CSVHeaderLocation="FIRST_ROW")), "Field 'CSVHeaderLocation' is not supported"),
    (machine(reading(InputType="CSV", CSVHeaderLocation="GIVEN")), f"{SCHEMA}These fields are required: [CSVHeaders]"),
    (machine(reading(InputType="XML")), "one of the following: [MANIFEST, JSON, CSV, JSONL, PARQUET] at /States/A/Ite"),
    (
        machine(distributed(ItemBatcher={"MaxItems": 1})),
        f"{SCHEMA}Field 'MaxItems' is not supported at /States/A/ItemB",
    ),
    (
        machine(distributed(ResultWriter={"Resource": "arn:aws:states:::s3:getObject"})),
        "The field 'Resource' does not m",
    ),
    (machine(distributed(ResultWriter={"WriterConfig": {"OutputType": "JSON"}})), "are required: [Transformation] at"),
    (machine(distributed(Label="a" * 41)), "INVALID_LABEL_NAME: Label 'aaa"),
    (machine(distributed(Label="a b")), "INVALID_LABEL_NAME: Label contains invalid character: ' ' at /States/A/Label"),
    (machine(parallel()), f"{SCHEMA}Value cannot be empty at /States/A/Branches"),  # L
    (
        machine(parallel({"States": {"C": PASS}})),
        f"{SCHEMA}These fields are required: [StartAt] at /States/A/Branches[0]",
    ),
    # transitions
    (machine({"Type": "Pass", "Next": "C"}, B=PASS), f"{TARGET}Missing 'Next' target: C at /States/A/Next, {TARGET}St"),
    (machine(task(Catch=[CATCHER])), f"{TARGET}Missing 'Next' target: B at /States/A/Catch[0]/Next"),  # F
    (machine(choice(RULE, Default="D"), B=PASS), f"{TARGET}Missing 'Next' target: D at /States/A/Default"),  # F
    (machine(PASS, B=PASS), f'{TARGET}State "B" is not reachable. at /States/B'),  # L
    (
        machine(PASS, StartAt="C"),
        f"{TARGET}Missing 'Next' target: C at /StartAt, {TARGET}State \"A\" is not reachable.",
    ),
    (
        machine(parallel(inner(C=PASS, D=PASS))),
        f'{TARGET}State "D" is not reachable. at /States/A/Branches[0]/States/D',
    ),
    (
        machine(parallel(inner(C={"Type": "Pass", "Next": "A"}))),
        f"{TARGET}Missing 'Next' target: A at /States/A/Branches",
    ),
    (machine({"Type": "Pass", "Next": "A"}), "MISSING_END_STATE: Workflow has no terminal state at null"),  # F
    (
        machine(parallel(inner(C=PASS), inner(C=PASS))),
        "DUPLICATE_STATE_NAME: Duplicate State name: C at /States/A/Bran",
    ),
    (
        machine(onward(distributed(Label="x")), B=distributed(Label="x")),
        "DUPLICATE_LABEL_NAME: Duplicate Label name: x at /States/B/Label",
    ),
    # resources
    (machine({"Type": "Task", "End": True}), f"{SCHEMA}These fields are required: [Resource] at /States/A"),
    (machine(task("function")), f"{SCHEMA}Value is not a valid resource ARN at /States/A/Resource"),  # P
    (
        machine(task("arn:aws:swf:us-east-1:0:task:a")),
        f"The resource provided arn:aws:swf:us-east-1:0:task:a {UNKNOWN}",
    ),
    (
        machine(calling("dynamodb:query")),
        f"The resource provided arn:aws:states:::dynamodb:query {UNKNOWN} at /States/A/R",
    ),
    (
        machine(calling("lambda:invoke.sync")),
        f"The resource provided arn:aws:states:::lambda:invoke.sync {UNKNOWN}",
    ),  # P
    (
        machine(calling("ecs:runTask.sync:2")),
        f"The resource provided arn:aws:states:::ecs:runTask.sync:2 {UNKNOWN}",
    ),  # P
    (machine(calling("aws-sdk:s4:getObject")), f"arn:aws:states:::aws-sdk:s4:getObject {UNKNOWN}"),
    (machine(calling("aws-sdk:s3:getObjects")), f"arn:aws:states:::aws-sdk:s3:getObjects {UNKNOWN}"),
    (machine(calling("aws-sdk:s3:GetObject")), f"arn:aws:states:::aws-sdk:s3:GetObject {UNKNOWN}"),
    (machine(calling("aws-sdk:s3:getObject.sync")), f"arn:aws:states:::aws-sdk:s3:getObject.sync {UNKNOWN}"),
    (machine(calling("aws-sdk:stepfunctions:startExecution")), f"aws-sdk:stepfunctions:startExecution {UNKNOWN}"),
    (machine(calling("aws-sdk:s3")), f"arn:aws:states:::aws-sdk:s3 {UNKNOWN}"),
    (
        machine(task("arn:aws:states:::sqs:sendMessage")),
        "Parameters field is required for resource ARN: arn:aws:stat",
    ),  # P
    (jsonata(task("arn:aws:states:::sqs:sendMessage")), "Arguments field is required for resource ARN: arn:aws:states"),
    (machine(calling("sqs:sendMessage", QueueUrl="q")), f"{SCHEMA}The field 'MessageBody' is required but was missing"),
    (
        machine(calling("aws-sdk:s3:getObject", bucket="b", Key="k")),
        f'{SCHEMA}The field "bucket" is not supported by Step Functions at /States/A/Parameters',  # C
    ),
    (
        jsonata(task("arn:aws:states:::aws-sdk:sfn:startExecution", Arguments={"stateMachineArn": "a"})),
        'The field "stateMachineArn" is not supported by Step Functions at /States/A/Arguments',
    ),
    (
        machine(calling("aws-sdk:ec2:describeInstances", Filters=[{"name": "a"}])),
        'The field "name" is not supported by Step Functions at /States/A/Parameters/Filters[0]',
    ),
    (
        machine(task(Credentials={})),
        f"{SCHEMA}The field 'RoleArn' is required but was missing at /States/A/Credent",
    ),  # L
    (
        machine(task("arn:aws:states:us-east-1:000000000000:activity:a", Credentials={"RoleArn": "r"})),
        f"{SCHEMA}The field 'Credentials' is not supported for activities at /States/A/Credentials",  # P
    ),
    # what AWS has and the sandbox has not
    (
        machine(reading(InputType="PARQUET")),
        "NOT_IMPLEMENTED: The sandbox reads no PARQUET: give the items as JSON, JSONL or CSV. at "
        "/States/A/ItemReader/ReaderConfig/InputType",
    ),
    (
        machine(calling("glue:startJobRun.sync", JobName="j")),
        "NOT_IMPLEMENTED: The sandbox does not implement the integration glue:startJobRun.sync; it has ecs:runTask, "
        "lambda:invoke, sqs:sendMessage. at /States/A/Resource",
    ),
    (
        machine(calling("glue:startJobRun", JobName="j")),
        "Write arn:aws:states:::aws-sdk:glue:startJobRun. at /States/A",
    ),
]

ACCEPTED: list[Any] = [
    machine(PASS),
    machine(SUCCEED),
    machine({"Type": "Fail", "ErrorPath": "States.Format('{}', $.a)", "Cause": "a"}),
    machine(passing(Assign={"a": 1, "b.$": "$.c", "größe": 2}, ResultPath=None, InputPath="$a.b[0]['c d']")),
    machine(passing(Parameters={"a.$": "States.Array($.a[?(@.b > 1)], 'it\\'s', 1, $$.Execution.Id)"})),
    machine(choice({"And": [{"Variable": "$.a", "NumericLessThan": 1}], "Next": "B"}, Default="B"), B=PASS),
    machine(task(Catch=[CATCHER], Retry=[{"ErrorEquals": ["States.ALL"], "BackoffRate": 2, "MaxAttempts": 0}]), B=PASS),
    machine(task("arn:aws:states:us-east-1:000000000000:activity:a", HeartbeatSeconds=5)),
    machine(task(f"{FUNCTION}:$LATEST")),
    machine(calling("sqs:sendMessage.waitForTaskToken", QueueUrl="q", MessageBody={"token.$": "$$.Task.Token"})),
    machine(calling("aws-sdk:sfn:startExecution", StateMachineArn="a", Input={"any": 1})),
    machine(calling("aws-sdk:rds:describeDBInstances", **{"DbInstanceIdentifier.$": "$.a"})),
    machine(calling("aws-sdk:cloudwatchlogs:putLogEvents", LogGroupName="a", LogStreamName="b", LogEvents=[])),
    machine(calling("aws-sdk:dynamodb:putItem", TableName="t", Item={"id": {"S": "a"}})),
    machine(mapping(inner(C={"Type": "Pass", "Next": "D"}, D={"Type": "Pass", "Next": "C"}))),
    machine(distributed(Label="a", ToleratedFailurePercentage=0.5)),
    machine(passing(QueryLanguage="JSONata", Output={"a": "{% $states.input.b[c = 1].d %}"})),
    jsonata({"Type": "Wait", "Seconds": "{% $states.input.s %}", "End": True}),
    jsonata(passing(Output="{% $map($states.input.list, function($each) { $each.name }) %}")),
    jsonata(choice({"Condition": "{% $a %}", "Next": "B", "Output": "{% 1 %}", "Assign": {"b": 1}}), B=PASS),
    jsonata(task(Arguments="{% $states.input %}", Catch=[CATCHER | {"Output": "{% $states.errorOutput %}"}]), B=PASS),
    jsonata(task("arn:aws:states:::lambda:invoke", Arguments="{% $a %}", TimeoutSeconds="{% 5 %}")),
]


def errors(definition: Any, kind: str = "STANDARD") -> str:
    text = definition if isinstance(definition, str) else json.dumps(definition)
    found = diagnostics(text, kind, INTEGRATIONS)
    return ", ".join(str(each) for each in found if each.severity == "ERROR")


@pytest.mark.parametrize(("definition", "sentence"), REFUSED)
def test_refused(definition: Any, sentence: str) -> None:
    assert sentence in errors(definition)


@pytest.mark.parametrize("definition", ACCEPTED)
def test_accepted(definition: Any) -> None:
    assert errors(definition) == ""


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (calling("ecs:runTask.sync", TaskDefinition="t"), "does not support '.sync' service integration at /States/A"),
        (
            calling("sqs:sendMessage.waitForTaskToken", QueueUrl="q", MessageBody="m"),
            "Express state machine does not support '.waitForTaskToken' service integration  at /States/A/Resource",
        ),
        (
            task("arn:aws:states:us-east-1:000000000000:activity:a"),
            "Express state machine does not support Activity ARN",
        ),
        (
            distributed(),
            "value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines at /States/A/ItemProcess",
        ),
    ],
)
def test_refused_in_express_machines_only(state: dict[str, Any], sentence: str) -> None:
    assert sentence in errors(machine(state), "EXPRESS")
    assert errors(machine(state)) == ""


def test_all_errors_are_reported_at_once() -> None:
    found = errors(machine({"Type": "Pass", "Colour": 1}, B={"Type": "Job"}))
    assert found.count("SCHEMA_VALIDATION_FAILED") == 3


@pytest.mark.parametrize(
    ("definition", "code", "location"),
    [
        (machine(passing(Parameters={"a": "$.b"})), "NO_DOLLAR", "/States/A/Parameters/a"),
        (
            machine(choice({"Variable": "$.a", "StringEquals": "$.b", "Next": "B"}), B=PASS),
            "NO_PATH",
            "/States/A/Choices[0]/StringEquals",
        ),
        (machine(passing(Result={"a": "$.b"})), "PASS_RESULT_IS_STATIC", "/States/A/Result/a"),
    ],
)
def test_warnings(definition: dict[str, Any], code: str, location: str) -> None:
    found = diagnostics(json.dumps(definition), "STANDARD", INTEGRATIONS)
    assert [(each.severity, each.code, each.location) for each in found] == [("WARNING", code, location)]
