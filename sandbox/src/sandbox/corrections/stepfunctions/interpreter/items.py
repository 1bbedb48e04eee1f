"""The inputs of iterations: items read from S3, selected, and put into batches.

AWS Step Functions Developer Guide, "ItemReader (Map)", "ItemsPath (Map, JSONPath only)", "ItemSelector
(Map)", "ItemBatcher (Map)", "Accessing execution data from the Context object in Step Functions". Reading needs the
rights of the execution's role: s3:GetObject, and s3:ListBucket for a list of objects.
"""

from __future__ import annotations

import csv
import json
from datetime import datetime
from typing import Any

from ministack.services import stepfunctions

from sandbox.corrections.stepfunctions.interpreter.failures import failure
from sandbox.corrections.stepfunctions.interpreter.flow import Flow

NAMES = {
    "ministack.services.stepfunctions": "_parse_reader_items _CSV_DELIMITERS _invoke_aws_sdk_integration "
    "_ExecutionError",
}
OVERRIDES: dict[str, str] = {}

INPUT_TYPES = ("CSV", "JSON", "JSONL")
"""The formats of files that a reader understands."""
_FAILED = "States.ItemReaderFailed"
_PAIR = (
    "The sandbox maps over an object with an ItemSelector only, because AWS documents no form of a whole pair: "
    "select Key and Value of Map.Item in the context object."
)
_MOST_ITEMS = 100_000_000
_LIST, _GET = "arn:aws:states:::s3:listObjectsV2", "arn:aws:states:::s3:getObject"


def selected(state: dict, flow: Flow, items: list | dict, context: dict) -> list[tuple[Any, dict]]:
    """The input of each iteration, and its context."""
    name = "ItemSelector" if "ItemSelector" in state else "Parameters"
    keys = [{"Key": key} for key in items] if isinstance(items, dict) else [{}] * len(items)
    if isinstance(items, dict) and name not in state:
        raise failure(_PAIR)
    each = []
    for index, item in enumerate(items.values() if isinstance(items, dict) else items):
        own = {**context, "Map": {"Item": {"Index": index, "Value": item, **keys[index]}}}
        each.append((flow.template(state[name], name, own) if name in state else item, own))
    return each


def inputs(state: dict, flow: Flow, context: dict, given: list | dict | None) -> list[tuple[Any, dict]]:
    """The inputs of a Map Run's child executions: of the given items, or of those that its reader reads."""
    items = _read(state["ItemReader"], flow, context) if given is None else given
    each = selected(state, flow, items, context)
    return _batched(state["ItemBatcher"], flow, each, context) if "ItemBatcher" in state else each


def _read(reader: dict, flow: Flow, context: dict) -> list:
    name = "Arguments" if "Arguments" in reader else "Parameters"
    arguments = flow.template(reader.get(name, {}), f"ItemReader/{name}", context)
    config = flow.template(reader.get("ReaderConfig", {}), "ItemReader/ReaderConfig", context)
    if reader["Resource"] == _LIST:
        items = _listed(arguments, config)
    elif reader["Resource"] == _GET:
        items = _parsed(_s3("getObject", arguments)["Body"], config)
    else:
        raise failure(f"The reader {reader['Resource']} is not one of {_LIST} and {_GET}.", _FAILED)
    most = flow.within(config).field("MaxItems", "integer")
    if most is not None and most < 0:
        raise stepfunctions._ExecutionError(_FAILED, "field MaxItems must be positive")
    return items[: most or _MOST_ITEMS]


def _s3(action: str, arguments: dict) -> dict:
    try:
        return stepfunctions._invoke_aws_sdk_integration(f"arn:aws:states:::aws-sdk:s3:{action}", arguments)
    except stepfunctions._ExecutionError as error:
        raise stepfunctions._ExecutionError(_FAILED, error.cause) from error


def _listed(arguments: dict, config: dict) -> list:
    page = _s3("listObjectsV2", arguments)
    objects = page.get("Contents", [])
    while page.get("IsTruncated"):
        page = _s3("listObjectsV2", {**arguments, "ContinuationToken": page["NextContinuationToken"]})
        objects += page.get("Contents", [])
    if config.get("Transformation") == "LOAD_AND_FLATTEN":
        files = (_s3("getObject", {"Bucket": arguments["Bucket"], "Key": each["Key"]}) for each in objects)
        return [item for file in files for item in _parsed(file["Body"], config)]
    return [
        {
            "Etag": each["ETag"],
            "Key": each["Key"],
            "LastModified": int(datetime.fromisoformat(each["LastModified"]).timestamp()),
            "Size": each["Size"],
            "StorageClass": each.get("StorageClass", "STANDARD"),
        }
        for each in objects
    ]


def _parsed(text: str, config: dict) -> list:
    kind = config.get("InputType", "JSON")
    if kind not in INPUT_TYPES:
        wrong = f"The sandbox reads no {kind}: InputType is one of {', '.join(INPUT_TYPES)}."
        raise stepfunctions._ExecutionError(_FAILED, wrong)
    if kind == "CSV":
        _require_different(config.get("CSVHeaders") or _first_row(text, config))
    try:
        items = stepfunctions._parse_reader_items(text, config)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise stepfunctions._ExecutionError(_FAILED, f"The {kind} file cannot be read: {error!r}") from error
    if not isinstance(items, list):
        raise stepfunctions._ExecutionError(_FAILED, "Attempting to map over non-iterable node.")
    return items


def _first_row(text: str, config: dict) -> list[str]:
    delimiter = stepfunctions._CSV_DELIMITERS[config.get("CSVDelimiter", "COMMA")]
    return next(csv.reader(text.splitlines(), delimiter=delimiter), [])


def _require_different(headers: list[str]) -> None:
    if len(set(headers)) < len(headers):
        raise stepfunctions._ExecutionError(_FAILED, "CSV headers cannot contain duplicates.")


def _batched(batcher: dict, flow: Flow, each: list[tuple[Any, dict]], context: dict) -> list[tuple[Any, dict]]:
    """Inputs of `Items` and `BatchInput`, each with as many items as its limits allow."""
    limits = flow.within(batcher)
    most, longest = limits.field("MaxItemsPerBatch", "integer"), limits.field("MaxInputBytesPerBatch", "integer")
    head = {}
    if "BatchInput" in batcher:
        head["BatchInput"] = flow.template(batcher["BatchInput"], "ItemBatcher/BatchInput", context)
    batches: list[tuple[Any, dict]] = []
    batch: list[Any] = []
    for item, _ in each:
        full = most is not None and len(batch) == most
        if batch and (full or (longest is not None and _size({**head, "Items": [*batch, item]}) > longest)):
            batches.append(({**head, "Items": batch}, context))
            batch = []
        batch.append(item)
    return [*batches, ({**head, "Items": batch}, context)] if batch else batches


def _size(data: Any) -> int:
    return len(json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode())
