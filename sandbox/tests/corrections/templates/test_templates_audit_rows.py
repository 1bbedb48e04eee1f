"""The audit of ministack's further resource types: every property is set, changed and read back by its API.

To add a type: its row in `sandbox.corrections.templates.honoured`, and a `Row` in `tests/helpers/audits`.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jmespath
import pytest
from audits import STACKS
from audits.compare import differences, leaves, parsed
from audits.functions import PREPARED
from audits.identities import OTHER_GROUP, PREPARED_GROUP
from audits.row import CODE, Properties, Read, Row
from botocore.exceptions import ClientError
from sandbox.corrections.templates.honoured import HONOURED
from sandbox.corrections.templates.replacement import ALWAYS, recreation
from template_lab import Stack, Template

Aws = Callable[[str], Any]
Rows = Mapping[str, Row]


@pytest.fixture(scope="module")
def prepared(aws: Aws) -> None:
    """The archive of a layer's and a function's code, and groups."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("index.py", CODE)
    aws("s3").create_bucket(Bucket=PREPARED)
    for group in (PREPARED_GROUP, OTHER_GROUP):
        aws("iam").create_group(GroupName=group)
    aws("s3").put_object(Bucket=PREPARED, Key="code.zip", Body=archive.getvalue())


@pytest.mark.usefixtures("prepared")
@pytest.mark.parametrize("name", STACKS)
def test_every_property_is_read_back(aws: Aws, stack: Stack, name: str) -> None:
    rows = STACKS[name]
    stack.deploy(template(rows, {key: row.properties for key, row in rows.items()}))
    found = Deployed(aws, stack, rows)
    faults = [f"created: {fault}" for fault in found.faults({key: row.properties for key, row in rows.items()})]
    changed = {key: {**row.properties, **row.changed} for key, row in rows.items()}
    before = found.ids
    stack.deploy(template(rows, changed))
    found = Deployed(aws, stack, rows)
    faults += [f"changed: {fault}" for fault in found.faults(changed)]
    faults += [f"{key} was replaced" for key in rows if found.ids[key] != before[key]]
    stack.delete()
    faults += [f"{key} is left" for key in found.left()]
    assert not faults, "\n".join(faults)


def template(rows: Rows, properties: Mapping[str, Properties]) -> Template:
    """The rows with these properties; every attribute of the table is an output."""
    return {
        "Resources": {
            key: {"Type": row.type_name, "Properties": properties[key], "DependsOn": list(row.after)}
            for key, row in rows.items()
        },
        "Outputs": {
            output(key, attribute): {"Value": {"Fn::Join": ["", [{"Fn::GetAtt": [key, attribute]}]]}}
            for key, row in rows.items()
            for attribute in sorted(HONOURED[row.type_name].attributes)
            if attribute != "StreamArn" or "StreamSpecification" in properties[key]
        },
    }


def output(key: str, attribute: str) -> str:
    return f"{key}{attribute}".replace(".", "")


class Deployed:
    """The resources of a stack, as their services' APIs show them."""

    def __init__(self, aws: Aws, stack: Stack, rows: Rows) -> None:
        self._aws, self._rows, self._outputs = aws, rows, stack.outputs()
        self.ids = {key: stack.physical_id(key) for key in rows}
        self._requests = {
            key: [self._resolved(read.request) for read in row.reads] for key, row in rows.items() if row.reads
        }

    def faults(self, wanted: Mapping[str, Properties]) -> Iterator[str]:
        for key, requests in self._requests.items():
            row = self._rows[key]
            try:
                found = self._read(row, requests)
            except ClientError as error:
                yield f"{key}: {error}"
                continue
            asked = [value for request in requests for value in leaves(request)]
            for fault in differences(row, self._resolved(wanted[key]), asked, found):
                yield f"{key} ({row.type_name}): {fault}"

    def left(self) -> Iterator[str]:
        """The resources that their API still answers for."""
        for key, (request, *_) in self._requests.items():
            try:
                if self._ask(self._rows[key].reads[0], request) and not self._rows[key].stays:
                    yield key
            except ClientError:
                pass

    def _read(self, row: Row, requests: list[Template]) -> Template:
        answers = [self._ask(read, request) for read, request in zip(row.reads, requests, strict=True)]
        return {name: value for answer in answers for name, value in (answer or {}).items()}

    def _ask(self, read: Read, request: Template) -> Any:
        answer = getattr(self._aws(read.service), read.operation)(**request)
        return jmespath.search(read.answer, parsed({**answer, "ResponseMetadata": None}))

    def _resolved(self, value: Any) -> Any:
        """A value of the template with its references replaced."""
        if isinstance(value, list):
            return [self._resolved(item) for item in value]
        if not isinstance(value, Mapping):
            return value
        if "Ref" in value:
            return {"AWS::Region": "us-east-1", **self.ids}[value["Ref"]]
        if "Fn::GetAtt" in value:
            return self._attribute(*value["Fn::GetAtt"])
        if "Fn::Sub" in value:
            return re.sub(r"\$\{(\w+)\.?(\w*)\}", lambda found: self._attribute(*found.groups()), value["Fn::Sub"])
        return {name: self._resolved(item) for name, item in value.items()}

    def _attribute(self, key: str, attribute: str) -> str:
        return self._outputs[output(key, attribute)] if attribute else self.ids[key]


def _rows() -> Iterator[Row]:
    return (row for rows in STACKS.values() for row in rows.values() if row.reads)


def test_every_property_of_the_table_is_deployed_and_changed() -> None:
    """Without a change of a property, the sandbox may keep it in silence."""
    from test_templates_audit import paths

    missing = []
    for type_name in sorted({row.type_name for row in _rows()}):
        rows = [row for row in _rows() if row.type_name == type_name]
        given = {path for row in rows for path in paths(dict(row.properties))}
        changed = {name for row in rows for name in row.changed}
        for path in sorted(HONOURED[type_name].properties):
            if not any(f"{one}.".startswith(f"{path}.") for one in given):
                missing.append(f"{type_name}.{path} is deployed by no row")
            top = path.partition(".")[0]
            stays = HONOURED[type_name].fixed | {name for row in rows for name in row.unread}
            if recreation(type_name, top, "a", "b") != ALWAYS and top not in changed | stays:
                missing.append(f"{type_name}.{top} is changed by no row")
    assert not missing, "\n".join(dict.fromkeys(missing))
