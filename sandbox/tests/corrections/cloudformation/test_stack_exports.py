"""Exports: imported ones cannot be changed or removed; a removed one is gone."""

from __future__ import annotations

from typing import Any

import pytest
from job_lab import unique
from stack_lab import Stack, parameter


class Pair:
    """A stack that exports, and one that imports."""

    def __init__(self, aws: Any) -> None:
        self.exporter, self.importer = Stack(aws), Stack(aws)
        self.export = unique("export")
        self.api = aws("cloudformation")

    def exporting(self, value: str | None) -> dict[str, Any]:
        outputs = {"Out": {"Value": value, "Export": {"Name": self.export}}} if value else {}
        return {"Resources": {"Light": parameter(value or "none")}, "Outputs": outputs}

    def importing(self) -> dict[str, Any]:
        return {"Resources": {"Light": parameter({"Fn::ImportValue": self.export})}}

    def listed(self) -> str | None:
        pages = self.api.get_paginator("list_exports").paginate()
        found = {export["Name"]: export["Value"] for page in pages for export in page["Exports"]}
        return found.get(self.export)


@pytest.fixture
def pair(aws: Any) -> Pair:
    pair = Pair(aws)
    assert pair.exporter.created(pair.exporting("1")) == "CREATE_COMPLETE"
    return pair


def test_export_in_use_is_kept_as_it_is(pair: Pair) -> None:
    assert pair.importer.created(pair.importing()) == "CREATE_COMPLETE"
    user = pair.importer.name
    for value, said in (
        ("2", f"Export {pair.export} cannot be updated as it is in use by {user}"),
        (None, f"Delete canceled. Cannot delete export {pair.export} as it is in use by {user}."),
    ):
        assert pair.exporter.updated(pair.exporting(value)) == "UPDATE_ROLLBACK_COMPLETE"
        assert pair.exporter.reason("stack", "UPDATE_ROLLBACK_IN_PROGRESS") == said
        assert pair.listed() == "1"
        assert pair.exporter.describe()["Outputs"][0]["OutputValue"] == "1"

    assert pair.exporter.deleted() == "UPDATE_ROLLBACK_COMPLETE"
    assert f"Cannot delete export {pair.export}" in pair.exporter.describe()["StackStatusReason"]
    assert pair.exporter.resources()

    assert pair.importer.deleted() == "DELETE_COMPLETE"
    assert pair.exporter.updated(pair.exporting("2")) == "UPDATE_COMPLETE"
    assert pair.listed() == "2"
    assert pair.exporter.updated(pair.exporting(None)) == "UPDATE_COMPLETE"
    assert pair.listed() is None


def test_export_goes_with_its_stack(pair: Pair) -> None:
    assert pair.listed() == "1"
    assert pair.exporter.deleted() == "DELETE_COMPLETE"
    assert pair.listed() is None


def test_name_is_exported_once(pair: Pair, aws: Any) -> None:
    second = Stack(aws)
    assert second.created(pair.exporting("2")) == "ROLLBACK_COMPLETE"
    said = f"Export with name {pair.export} is already exported by stack {pair.exporter.name}"
    assert second.reason("stack", "ROLLBACK_IN_PROGRESS") == f"{said}. Rollback requested by user."
    assert pair.listed() == "1"
