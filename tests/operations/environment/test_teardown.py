"""The order in which deployed stacks are deleted, and the reasons against it."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from operations.deployed import stacks
from operations.environment import teardown
from operations.errors import BadInput, Failed, OperationError


def refused(message: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": "ValidationError", "Message": message}}, operation)


class Deployed:
    """Stacks by name, each with those that it imports from; the one in `kept` stays."""

    def __init__(self, imports: dict[str, set[str]], *, kept: str = "", protected: str = "") -> None:
        self.imports, self.kept, self.protected = imports, kept, protected
        self.deleted: list[str] = []

    def client(self, service: str) -> Any:
        return self

    def get_paginator(self, operation: str) -> Any:
        return SimpleNamespace(paginate=lambda **arguments: iter([getattr(self, operation)(**arguments)]))

    def list_exports(self) -> dict[str, Any]:
        return {"Exports": [{"Name": name, "ExportingStackId": f"arn:stack/{name}/1"} for name in self.imports]}

    def list_imports(self, ExportName: str) -> dict[str, Any]:
        found = [name for name, exporters in self.imports.items() if ExportName in exporters]
        if not found:
            raise refused(f"Export '{ExportName}' is not imported by any stack.", "ListImports")
        return {"Imports": found}

    def delete_stack(self, StackName: str) -> None:
        self.deleted.append(StackName)
        if StackName != self.kept:
            del self.imports[StackName]

    def describe_stacks(self, StackName: str = "") -> dict[str, Any]:
        if StackName and StackName not in self.imports:
            raise refused(f"Stack with id {StackName} does not exist", "DescribeStacks")
        status = "DELETE_FAILED" if StackName == self.kept else "UPDATE_COMPLETE"
        flags = {name: name == self.protected for name in ([StackName] if StackName else self.imports)}
        listed = [
            {"StackName": name, "StackStatus": status, "EnableTerminationProtection": flag}
            for name, flag in flags.items()
        ]
        return {"Stacks": listed}

    def describe_stack_events(self, StackName: str) -> dict[str, Any]:
        def events() -> Iterator[dict[str, str]]:
            for name, reason in ((StackName, "The following resource(s) failed"), ("Packages", "it holds versions")):
                yield {"LogicalResourceId": name, "ResourceStatus": "DELETE_FAILED", "ResourceStatusReason": reason}

        return {"StackEvents": list(events())}


SHARED = {"network": set[str](), "foundation": {"network"}}
MODEL = {"training": {"foundation", "network"}, "release": {"foundation"}, "serving": {"release", "foundation"}}


def test_a_stack_goes_before_those_that_it_imports_from() -> None:
    deployed, told = Deployed(SHARED | MODEL), list[str]()
    teardown.delete(deployed, [*SHARED, *MODEL], told.append)  # type: ignore[arg-type]
    assert deployed.deleted == ["serving", "training", "release", "foundation", "network"]
    assert told[0] == "destroying serving"


@pytest.mark.parametrize(
    ("deployed", "chosen", "error", "sentence"),
    [
        (Deployed(SHARED | MODEL), ("network",), Failed, "Stack network stays: foundation, training imports from it."),
        (
            Deployed(dict(MODEL), kept="training"),
            ("training", "serving"),
            Failed,
            "Stack training ended as DELETE_FAILED: Packages: it holds versions",
        ),
    ],
    ids=["in use", "cannot be deleted"],
)
def test_what_stays_is_said(
    deployed: Deployed, chosen: tuple[str, ...], error: type[OperationError], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        teardown.delete(deployed, chosen, print)  # type: ignore[arg-type]


def test_a_protected_stack_is_named_with_its_command() -> None:
    deployed: Any = Deployed(dict(MODEL), protected="serving")
    with pytest.raises(BadInput, match="Nothing was removed: these stacks are protected: serving") as found:
        teardown.require_unprotected(deployed, list(MODEL))
    assert "update-termination-protection --no-enable-termination-protection --stack-name serving" in str(found.value)
    teardown.require_unprotected(deployed, ["training"])


def test_a_stack_with_the_tag_of_another_environment_is_not_taken() -> None:
    """`dev-eu` may be declared on another branch only: its stacks begin like those of `dev`."""
    tag = {"Key": "slipway:environment", "Value": "dev-eu"}
    listed: list[dict[str, Any]] = [
        {"StackName": "slipway-dev-network", "StackStatus": "CREATE_COMPLETE"},
        {"StackName": "slipway-dev-eu-network", "StackStatus": "CREATE_COMPLETE", "Tags": [tag]},
    ]
    client = SimpleNamespace(
        get_paginator=lambda operation: SimpleNamespace(paginate=lambda: iter([{"Stacks": listed}]))
    )
    connection: Any = SimpleNamespace(environment=SimpleNamespace(name="dev"), client=lambda service: client)
    assert [stack.name for stack in stacks.existing(connection, ["dev"], [])] == ["slipway-dev-network"]
