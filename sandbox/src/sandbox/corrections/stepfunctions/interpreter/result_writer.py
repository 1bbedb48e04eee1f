"""The result of a Map Run: as the state's output, or in S3 with the output naming its manifest.

AWS Step Functions Developer Guide, "ResultWriter (Map)": formats, transformations, and the manifest. Writing needs the
right of the execution's role: s3:PutObject.
"""

from __future__ import annotations

import json
from typing import Any

from ministack.services import stepfunctions

from sandbox.corrections.stepfunctions.interpreter.flow import Flow

NAMES = {"ministack.services.stepfunctions": "_invoke_aws_sdk_integration _ExecutionError"}
OVERRIDES: dict[str, str] = {}
_FAILED = "States.ResultWriterFailed"
_STATUSES = ("FAILED", "PENDING", "SUCCEEDED")


def written(state: dict, flow: Flow, context: dict, run_arn: str, children: list[dict]) -> Any:
    """Write the results where the state says, and return its result."""
    writer = state.get("ResultWriter", {})
    config = writer.get("WriterConfig", {})
    exported = "Resource" in writer
    transformation = config.get("Transformation", "NONE" if exported else "COMPACT")
    if not exported:
        return _transformed(children, transformation)
    name = "Arguments" if "Arguments" in writer else "Parameters"
    target = flow.template(writer.get(name, {}), f"ResultWriter/{name}", context)
    folder = "/".join(part for part in (target.get("Prefix", "").rstrip("/"), run_arn.rpartition(":")[2]) if part)
    files: dict[str, list[dict]] = {status: [] for status in _STATUSES}
    for status in _STATUSES:
        if chosen := [child for child in children if child["status"] == status]:
            body = _formatted(_transformed(chosen, transformation), config.get("OutputType", "JSON"))
            key = f"{folder}/{status}_0.{config.get('OutputType', 'JSON').lower()}"
            _put(target["Bucket"], key, body)
            files[status].append({"Key": key, "Size": len(body.encode())})
    manifest = {"DestinationBucket": target["Bucket"], "MapRunArn": run_arn, "ResultFiles": files}
    _put(target["Bucket"], f"{folder}/manifest.json", json.dumps(manifest, separators=(",", ":")))
    details = {"Bucket": target["Bucket"], "Key": f"{folder}/manifest.json"}
    return {"MapRunArn": run_arn, "ResultWriterDetails": details}


def _put(bucket: str, key: str, body: str) -> None:
    arguments = {"Bucket": bucket, "Key": key, "Body": body}
    try:
        stepfunctions._invoke_aws_sdk_integration("arn:aws:states:::aws-sdk:s3:putObject", arguments)
    except stepfunctions._ExecutionError as error:
        raise stepfunctions._ExecutionError(_FAILED, error.cause) from error


def _transformed(children: list[dict], transformation: str) -> list[Any]:
    """The outputs; those of failed children stay whole, as with NONE."""
    results: list[Any] = []
    for child in children:
        if transformation == "NONE" or child["status"] != "SUCCEEDED":
            results.append(_whole(child))
            continue
        output = json.loads(child["output"])
        results.extend(output if transformation == "FLATTEN" and isinstance(output, list) else [output])
    return results


def _whole(child: dict) -> dict[str, Any]:
    shown = {
        "ExecutionArn": child["executionArn"],
        "Input": child["input"],
        "InputDetails": {"Included": True},
        "Name": child["name"],
        "Output": child["output"],
        "OutputDetails": {"Included": True},
        "RedriveCount": 0,
        "RedriveStatus": "NOT_REDRIVABLE",
        "StartDate": child["startDate"],
        "StateMachineArn": child["stateMachineArn"],
        "Status": child["status"],
        "StopDate": child["stopDate"],
        "Error": child.get("error"),
        "Cause": child.get("cause"),
    }
    return {name: value for name, value in shown.items() if value is not None}


def _formatted(results: list[Any], kind: str) -> str:
    if kind == "JSONL":
        return "".join(f"{json.dumps(result, separators=(',', ':'))}\n" for result in results)
    return json.dumps(results, separators=(",", ":"))
