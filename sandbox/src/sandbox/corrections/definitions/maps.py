"""The parts of a Map state: processor, reader, batcher, writer and label.

AWS Step Functions Developer Guide, "Using Map state in Distributed mode", "ItemReader (Map)", "ItemBatcher (Map)",
"ResultWriter (Map)".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.corrections.definitions import kinds
from sandbox.corrections.definitions.diagnostics import LACKING, Diagnostic, Place
from sandbox.corrections.definitions.kinds import Form, Kind

_LONGEST_LABEL = 40
_FORBIDDEN = frozenset("""<>{}[]?*"#%\\^|~`$&,;:/""")


def label(place: Place, value: Any) -> Iterator[Diagnostic]:
    """The name of a Distributed Map in the ARN of its map runs."""
    if not isinstance(value, str):
        yield from kinds.text(place, value)
    elif len(value) > _LONGEST_LABEL:
        wrong = f"Label '{value}' exceeds the {_LONGEST_LABEL}-character limit allowed by the service"
        yield place.fault(wrong, "INVALID_LABEL_NAME")
    elif unfit := sorted(each for each in value if each in _FORBIDDEN or each.isspace() or not each.isprintable()):
        yield place.fault(f"Label contains invalid character: '{unfit[0]}'", "INVALID_LABEL_NAME")


_MODE = Form({"Mode": kinds.one_of("INLINE", "DISTRIBUTED"), "ExecutionType": kinds.one_of("STANDARD", "EXPRESS")})


def PROCESSOR_CONFIG(place: Place, value: Any) -> Iterator[Diagnostic]:
    yield from _MODE(place, value)
    if not isinstance(value, dict):
        return
    distributed = value.get("Mode") == "DISTRIBUTED"
    if distributed and place.machine.kind == "EXPRESS":
        wrong = "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines"
        yield place.member("Mode").fault(wrong)
    if distributed and "ExecutionType" not in value:
        yield place.fault("These fields are required: [ExecutionType]")
    elif not distributed and "ExecutionType" in value:
        yield place.fault("Field 'ExecutionType' is not supported")


def _named(*resources: str) -> Kind:
    """One of the integrations that a Map state may use."""

    def check(place: Place, value: Any) -> Iterator[Diagnostic]:
        if not isinstance(value, str):
            yield from kinds.text(place, value)
        elif value.partition(":states:::")[2] not in resources:
            listed = ", ".join(f"arn:<partition>:states:::{each}" for each in resources)
            wrong = f"The field 'Resource' does not match any of the allowed values. Examples: [{listed}]"
            yield place.fault(wrong)

    return check


_LACKING_TYPES = ("MANIFEST", "PARQUET")
_READER_CONFIG = Form(
    {
        "InputType": kinds.one_of("MANIFEST", "JSON", "CSV", "JSONL", "PARQUET"),
        "ManifestType": kinds.one_of("ATHENA_DATA", "S3_INVENTORY"),
        "Transformation": kinds.one_of("NONE", "LOAD_AND_FLATTEN"),
        "CSVHeaderLocation": kinds.one_of("FIRST_ROW", "GIVEN"),
        "CSVHeaders": kinds.list_of(kinds.text),
        "CSVDelimiter": kinds.one_of("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"),
        "ItemsPointer": kinds.text,
        "MaxItems": kinds.or_expression(kinds.integer(0)),
    },
    jsonpath={"MaxItemsPath": kinds.reference_path},
    at_most_one=(("MaxItems", "MaxItemsPath"),),
)


def _reader_config(place: Place, value: Any) -> Iterator[Diagnostic]:
    yield from _READER_CONFIG(place, value)
    if not isinstance(value, dict):
        return
    if (kind := value.get("InputType")) in _LACKING_TYPES:
        wrong = f"The sandbox reads no {kind}: give the items as JSON, JSONL or CSV."
        yield place.member("InputType").fault(wrong, LACKING)
    location = value.get("CSVHeaderLocation")
    if value.get("InputType") == "CSV" and location is None and "Transformation" not in value:
        yield place.fault("The field 'CSVHeaderLocation' is required")
    if value.get("InputType") == "JSON" and location is not None:
        yield place.fault("Field 'CSVHeaderLocation' is not supported")
    if location == "GIVEN" and "CSVHeaders" not in value:
        yield place.fault("These fields are required: [CSVHeaders]")


ITEM_READER = Form(
    {"Resource": _named("s3:getObject", "s3:listObjectsV2"), "ReaderConfig": _reader_config, "Comment": kinds.text},
    jsonpath={"Parameters": kinds.payload_object},
    jsonata={"Arguments": kinds.payload_object},
    required=("Resource",),
)
ITEM_BATCHER = Form(
    {
        "BatchInput": kinds.payload_object,
        "MaxItemsPerBatch": kinds.or_expression(kinds.integer(1)),
        "MaxInputBytesPerBatch": kinds.or_expression(kinds.integer(1, 262_144)),
        "Comment": kinds.text,
    },
    jsonpath={"MaxItemsPerBatchPath": kinds.reference_path, "MaxInputBytesPerBatchPath": kinds.reference_path},
    at_most_one=(
        ("MaxItemsPerBatch", "MaxItemsPerBatchPath"),
        ("MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"),
    ),
)
RESULT_WRITER = Form(
    {
        "Resource": _named("s3:putObject"),
        "WriterConfig": Form(
            {
                "Transformation": kinds.one_of("NONE", "COMPACT", "FLATTEN"),
                "OutputType": kinds.one_of("JSON", "JSONL"),
            },
            required=("Transformation", "OutputType"),
        ),
        "Comment": kinds.text,
    },
    jsonpath={"Parameters": kinds.payload_object},
    jsonata={"Arguments": kinds.payload_object},
)
