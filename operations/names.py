"""The names by which a deployed system is found: stacks, endpoints, model package groups, data."""

from __future__ import annotations

from collections.abc import Iterable

STACK_TAG = "slipway:stack"
MODEL_STACKS = ("training", "release", "serving")


def prefix(environment: str) -> str:
    return f"slipway-{environment}-"


def network_stack(environment: str) -> str:
    return f"{prefix(environment)}network"


def foundation_stack(environment: str) -> str:
    return f"{prefix(environment)}foundation"


def training_stack(environment: str, model: str) -> str:
    return f"{prefix(environment)}{model}-training"


def release_stack(environment: str, model: str) -> str:
    return f"{prefix(environment)}{model}-release"


def serving_stack(environment: str, model: str) -> str:
    return f"{prefix(environment)}{model}-serving"


def endpoint(environment: str, model: str) -> str:
    """The endpoint's name, which is the model package group's too."""
    return f"{prefix(environment)}{model}"


def raw_data(dataset: str) -> str:
    """Where a data set's files lie in the data bucket."""
    return f"datasets/{dataset}/raw/"


def belongs(name: str, environment: str, environments: Iterable[str]) -> bool:
    """Whether a stack, group or resource is this environment's, and not that of one whose name goes on with a dash."""
    longer = [prefix(other) for other in environments if other.startswith(f"{environment}-")]
    return name.startswith(prefix(environment)) and not name.startswith(tuple(longer))


def deploy_command(environment: str) -> str:
    return f"cdk deploy --all -c environment={environment}"
