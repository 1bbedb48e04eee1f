"""The coverage page: true, and not older than the code."""

from __future__ import annotations

from pathlib import Path

import pytest
from sandbox.corrections import private_names
from sandbox.corrections.templates.schemas import schema
from sandbox.frame.operations import Operation, service_model
from sandbox.frame.service import Service

from sandbox import catalogue, cli, coverage

PAGE = Path(__file__).resolve().parents[1] / "COVERAGE.md"

OPERATIONS = {
    name: operation
    for service in catalogue.declared()
    if service.api
    for name, operation in service.api.operations.items()
}


def test_the_page_is_that_of_this_code() -> None:
    assert PAGE.read_text() == coverage.current_page(), f"run {coverage.COMMAND} --output sandbox/COVERAGE.md"


def test_the_page_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "COVERAGE.md"
    cli.coverage(target)
    assert target.read_text() == coverage.current_page()

    def fail() -> str:
        raise ValueError("an invalid declaration")

    monkeypatch.setattr(coverage, "current_page", fail)
    with pytest.raises(ValueError, match="an invalid declaration"):
        cli.coverage(target)
    assert [path.name for path in tmp_path.iterdir()] == ["COVERAGE.md"]
    assert target.read_text().startswith("# What the sandbox covers")


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_what_an_operation_declares_are_members_of_its_request(operation: Operation) -> None:
    """A misspelt name would accept nothing, and show as covered."""
    shape = operation.model.input_shape
    for name in {*operation.accepts, *operation.only, *operation.reduced}:
        assert shape is not None
        found = shape
        for part in name.split("."):
            while found.type_name == "list":
                found = found.member
            assert part in found.members, f"{operation.name} has no {name}"
            found = found.members[part]


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_what_is_honoured_in_part_is_honoured(operation: Operation) -> None:
    for name in {*operation.only, *operation.reduced}:
        assert any(name == known or name.startswith(f"{known}.") for known in operation.accepts), name


def test_refused_members_end_at_the_first_refused_one() -> None:
    shape = service_model("sagemaker").operation_model("CreateTrainingJob").input_shape
    accepts = frozenset({"TrainingJobName", "ResourceConfig.InstanceType", "InputDataConfig.ChannelName"})
    refused = set(coverage.refused_members(shape, "", accepts))
    assert {"RoleArn", "ResourceConfig.InstanceCount", "InputDataConfig.DataSource"} <= refused
    assert not refused & {
        "TrainingJobName",
        "ResourceConfig",
        "InputDataConfig",
        "InputDataConfig.DataSource.S3DataSource",
    }


def test_every_override_of_ministack_is_explained() -> None:
    explained = list(private_names.overrides())
    assert {concern for concern, _, _ in explained} >= {"gateway", "stepfunctions.integrations", "identity"}
    assert all(what and why for _, what, why in explained)


@pytest.mark.parametrize("service", catalogue.declared(), ids=lambda service: service.name)
def test_honoured_properties_are_those_of_the_published_schemas(service: Service) -> None:
    """A misspelt one would be honoured nowhere, and show as covered."""
    assert service.resource_types
    for type_name, handler in service.resource_types.items():
        known = schema(type_name)
        assert known is not None
        assert {name.partition(".")[0] for name in handler.properties} <= set(known.properties), type_name
