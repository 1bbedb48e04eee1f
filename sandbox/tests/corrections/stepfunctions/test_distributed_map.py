"""The Distributed Map: reader, selector, batches, tolerated failures and the writer, with the role's rights."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from job_lab import Lab, ended_execution, trust, unique
from workflow_lab import WorkflowLab

JSONATA = {"QueryLanguage": "JSONata"}


def distributed(state: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    inner = state or {"Type": "Pass", "End": True}
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "In"}
    return {"Map": {"Type": "Map", "ItemProcessor": {**processor, "States": {"In": inner}}, "End": True, **members}}


def reader(lab: Lab, key: str, config: dict | None = None) -> dict[str, Any]:
    return {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": config or {"InputType": "JSON"},
        "Arguments": {"Bucket": lab.bucket, "Key": key},
    }


def test_items_and_selector_in_jsonata(workflows: WorkflowLab) -> None:
    state = distributed(
        Items="{% $states.input.list %}",
        ItemSelector={"item": "{% $states.context.Map.Item.Value %}", "all": "{% $count($states.input.list) %}"},
    )
    expected = [{"item": "a", "all": 2}, {"item": "b", "all": 2}]
    assert workflows.output(state, {"list": ["a", "b"]}, **JSONATA) == expected


@pytest.mark.parametrize(
    ("batcher", "sizes"),
    [
        ({"MaxItemsPerBatch": 2}, [2, 2, 1]),
        ({"MaxItemsPerBatch": "{% $states.input.most %}"}, [3, 2]),
        ({"MaxInputBytesPerBatch": 65}, [3, 2]),
    ],
)
def test_batches(workflows: WorkflowLab, batcher: dict, sizes: list[int]) -> None:
    lab, key = workflows.lab, unique("items")
    lab.put(key, json.dumps([{"n": n} for n in range(5)]))
    state = distributed(
        ItemReader=reader(lab, key), ItemBatcher={**batcher, "BatchInput": {"of": "{% $states.input.of %}"}}
    )
    output = workflows.output(state, {"most": 3, "of": "all"}, **JSONATA)
    assert [len(batch["Items"]) for batch in output] == sizes
    assert all(batch["BatchInput"] == {"of": "all"} for batch in output)


@pytest.mark.parametrize(
    ("text", "config", "items"),
    [
        ('{"n": 1}\n{"n": 2}\n', {"InputType": "JSONL"}, [{"n": 1}, {"n": 2}]),
        ("n,m\n1,2\n", {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, [{"n": "1", "m": "2"}]),
        (
            "n|m\n'1|2\n",
            {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "CSVDelimiter": "PIPE"},
            [{"n": "'1", "m": "2"}],
        ),
        ("[1, 2, 3]", {"InputType": "JSON", "MaxItems": "{% 1 + 1 %}"}, [1, 2]),
    ],
)
def test_readers(workflows: WorkflowLab, text: str, config: dict, items: list) -> None:
    lab, key = workflows.lab, unique("items")
    lab.put(key, text)
    assert workflows.output(distributed(ItemReader=reader(lab, key, config)), **JSONATA) == items


@pytest.mark.parametrize(
    ("text", "config", "cause"),
    [
        ('{"a": 1}', {"InputType": "JSON"}, "Attempting to map over non-iterable node."),
        (
            "a,a\n1,2\n",
            {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
            "CSV headers cannot contain duplicates.",
        ),
        ("[1]", {"InputType": "JSON", "MaxItems": "{% -1 %}"}, "field MaxItems must be positive"),
    ],
)
def test_a_reader_that_fails(workflows: WorkflowLab, text: str, config: dict, cause: str) -> None:
    lab, key = workflows.lab, unique("items")
    lab.put(key, text)
    arn = workflows.start(distributed(ItemReader=reader(lab, key, config)), **JSONATA)
    ended = ended_execution(workflows.client, arn)
    assert (ended["error"], ended["cause"]) == ("States.ItemReaderFailed", cause)
    kinds = [event["type"] for event in workflows.events(arn)]
    assert kinds[2:] == ["MapStateStarted", "MapRunStarted", "MapRunFailed", "MapStateFailed", "ExecutionFailed"]


@pytest.fixture
def powerless(workflows: WorkflowLab, aws: Callable[[str], Any]) -> str:
    name = unique("powerless")
    role = aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust("states.amazonaws.com")))
    return role["Role"]["Arn"]


def test_reading_needs_the_role_s_right(workflows: WorkflowLab, powerless: str) -> None:
    lab, key = workflows.lab, unique("items")
    lab.put(key, "[1]")
    error, cause = workflows.failure(distributed(ItemReader=reader(lab, key)), role=powerless, **JSONATA)
    assert error == "States.ItemReaderFailed"
    assert "is not authorized to perform: s3:GetObject" in cause


def listing(lab: Lab, prefix: str) -> dict[str, Any]:
    return {"Resource": "arn:aws:states:::s3:listObjectsV2", "Arguments": {"Bucket": lab.bucket, "Prefix": prefix}}


def test_listing_needs_the_role_s_right(workflows: WorkflowLab, powerless: str) -> None:
    lab, prefix = workflows.lab, unique("listed")
    lab.put(f"{prefix}/a", "1")
    state = distributed(ItemReader=listing(lab, prefix))
    error, cause = workflows.failure(state, role=powerless, **JSONATA)
    assert error == "States.ItemReaderFailed"
    assert "is not authorized to perform: s3:ListBucket" in cause
    (found,) = workflows.output(state, **JSONATA)
    assert (found["Key"], found["Size"]) == (f"{prefix}/a", 1)


def writer(bucket: str, **config: Any) -> dict[str, Any]:
    return {
        "Resource": "arn:aws:states:::s3:putObject",
        "Arguments": {"Bucket": bucket, "Prefix": "results"},
        **({"WriterConfig": config} if config else {}),
    }


def test_results_are_written(workflows: WorkflowLab) -> None:
    lab = workflows.lab
    output = workflows.output(distributed(ResultWriter=writer(lab.bucket)), [1, 2], **JSONATA)
    details = output["ResultWriterDetails"]
    run = output["MapRunArn"].rpartition(":")[2]
    assert details == {"Bucket": lab.bucket, "Key": f"results/{run}/manifest.json"}
    manifest = json.loads(lab.get(details["Key"]))
    (written,) = manifest["ResultFiles"]["SUCCEEDED"]
    assert manifest["ResultFiles"]["FAILED"] == []
    body = lab.get(written["Key"])
    assert len(body) == written["Size"]
    assert [(each["Status"], each["Output"]) for each in json.loads(body)] == [("SUCCEEDED", "1"), ("SUCCEEDED", "2")]


def test_results_are_flattened_without_a_file(workflows: WorkflowLab) -> None:
    config = {"WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSON"}}
    assert workflows.output(distributed(ResultWriter=config), [[1, 2], [3]], **JSONATA) == [1, 2, 3]


def test_writing_needs_the_role_s_right(workflows: WorkflowLab, powerless: str) -> None:
    state = distributed(ResultWriter=writer(workflows.lab.bucket))
    error, cause = workflows.failure(state, [1], role=powerless, **JSONATA)
    assert error == "States.ResultWriterFailed"
    assert "is not authorized to perform: s3:PutObject" in cause


def choosy() -> dict[str, Any]:
    """A state that fails for items above 2."""
    return {"Type": "Pass", "Output": "{% $states.input > 2 ? $error('too much') : $states.input %}", "End": True}


@pytest.mark.parametrize(
    ("limit", "status"),
    [({}, "FAILED"), ({"ToleratedFailureCount": 1}, "SUCCEEDED"), ({"ToleratedFailurePercentage": 33}, "FAILED")],
)
def test_failures_that_are_tolerated(workflows: WorkflowLab, limit: dict, status: str) -> None:
    arn = workflows.start(distributed(choosy(), **limit), [1, 2, 3], **JSONATA)
    ended = ended_execution(workflows.client, arn)
    assert ended["status"] == status
    if status == "FAILED":
        assert ended["error"] == "States.ExceedToleratedFailureThreshold"
    (run,) = workflows.client.list_map_runs(executionArn=arn)["mapRuns"]
    described = workflows.client.describe_map_run(mapRunArn=run["mapRunArn"])
    assert (described["status"], described["itemCounts"]["failed"]) == (status, 1)
    children = workflows.client.list_executions(mapRunArn=run["mapRunArn"])["executions"]
    assert sorted(child["status"] for child in children) == ["FAILED", "SUCCEEDED", "SUCCEEDED"]
    kinds = [event["type"] for event in workflows.events(children[0]["executionArn"])]
    assert kinds[:2] == ["ExecutionStarted", "PassStateEntered"]
