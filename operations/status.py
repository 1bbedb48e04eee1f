"""`status`: what of an environment is deployed, trained, registered, released and alarming."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from operations import deployment, executions, names, registry, scores, serving
from operations.arguments import AsJson, EnvironmentName, find_environment, find_model, load_specs
from operations.aws import connect
from operations.executions import Execution
from operations.render import out, print_json, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from operations.aws import Connection
    from specs import Specs

_VERSIONS = 10

OptionalModel = Annotated[str | None, typer.Argument(metavar="MODEL", help="One model only; default: all.")]


@dataclass(frozen=True)
class ModelState:
    """What a person wants to know of one model in one environment."""

    model: str
    training: Execution | None
    release: Execution | None
    versions: tuple[tuple[registry.PackageVersion, float | None], ...]
    served: serving.InService | None
    meant: str | None
    """The model package that the serving stack means to serve."""


@dataclass(frozen=True)
class EnvironmentState:
    """What a person wants to know of one environment."""

    environment: str
    stacks: tuple[deployment.StackState, ...]
    models: tuple[ModelState, ...]
    alarms: tuple[str, ...]


def status(connection: Connection, specs: Specs, models: Iterable[str]) -> EnvironmentState:
    """Ask AWS about an environment and the models named; what is not deployed is left empty."""
    others = [environment.name for environment in specs.environments]
    return EnvironmentState(
        environment=connection.environment.name,
        stacks=deployment.stacks(connection, others, [model.name for model in specs.models]),
        models=tuple(_model(connection, specs, model) for model in models),
        alarms=_alarms(connection, others),
    )


def command(environment: EnvironmentName, model: OptionalModel = None, as_json: AsJson = False) -> None:
    """Show what is deployed, trained, registered and served, and which alarms ring.

    Example: python -m operations status local digits-cnn
    """
    specs = load_specs()
    place = find_environment(specs, environment)
    models = [find_model(specs, model).name] if model else [spec.name for spec in specs.models]
    found = status(connect(place), specs, models)
    if as_json:
        print_json(as_document(found))
    else:
        out.print(*as_tables(found), sep="\n\n")


def as_document(state: EnvironmentState) -> dict[str, Any]:
    """A form for programs."""
    return {
        "environment": state.environment,
        "stacks": [asdict(stack) for stack in state.stacks],
        "models": [
            {
                "model": model.model,
                "training": model.training.as_json() if model.training else None,
                "release": model.release.as_json() if model.release else None,
                "versions": [{**asdict(version), "accuracy": score} for version, score in model.versions],
                "served": {**asdict(model.served), "version": model.served.version} if model.served else None,
                "meant": model.meant,
            }
            for model in state.models
        ],
        "alarms": list(state.alarms),
    }


def as_tables(state: EnvironmentState) -> list[Any]:
    """A form for people."""
    rows = [
        (stack.name, stack.status, "" if stack.declared else "orphan: no TOML declares it") for stack in state.stacks
    ]
    shown: list[Any] = [table(f"Stacks of {state.environment}", ("stack", "status", ""), rows)]
    for model in state.models:
        shown += [table(model.model, ("", "status", "detail", "when"), _facts(model)), _versions_table(model)]
    alarms = [(name, "ALARM") for name in state.alarms]
    return [*shown, table("Alarms", ("alarm", "state"), alarms) if alarms else "No alarm is in ALARM."]


def _facts(model: ModelState) -> list[tuple[object, ...]]:
    served = model.served
    return [
        ("last training", *_execution(model.training)),
        ("last release", *_execution(model.release)),
        ("endpoint", served.status if served else "none", _served(model), None),
    ]


def _execution(execution: Execution | None) -> tuple[object, object, object]:
    if execution is None:
        return "never", None, None
    detail = (
        execution.reason if execution.status in {"FAILED", "ABORTED", "TIMED_OUT"} else execution.arn.rpartition(":")[2]
    )
    return execution.status, detail, execution.started


def _served(model: ModelState) -> str:
    if model.served is None:
        return "no version was released" if not model.meant else f"meant to serve {model.meant}"
    served = f"version {model.served.version} by {model.served.configuration}"
    if model.meant and model.meant != model.served.package:
        served += f", but the stack means {model.meant}"
    return f"{served}; {model.served.failure}" if model.served.failure else served


def _versions_table(model: ModelState) -> Any:
    serves = model.served.version if model.served else None
    rows = [
        (version.version, version.approval, score, version.created, "in service" if version.version == serves else "")
        for version, score in model.versions
    ]
    return table(
        f"Versions of {model.model} (the newest {_VERSIONS})", ("version", "status", "accuracy", "created", ""), rows
    )


def _model(connection: Connection, specs: Specs, model: str) -> ModelState:
    environment = connection.environment.name
    serving_outputs = deployment.outputs(connection, names.serving_stack(environment, model)) or {}
    newest = registry.versions(connection, names.endpoint(environment, model))[:_VERSIONS]
    return ModelState(
        model=model,
        training=_last(connection, names.training_stack(environment, model)),
        release=_last(connection, names.release_stack(environment, model)),
        versions=tuple((version, scores.score(connection, version)) for version in newest),
        served=serving.in_service(connection, model),
        meant=serving_outputs.get("ReleasedModelPackage") or None,
    )


def _last(connection: Connection, stack: str) -> Execution | None:
    workflow = (deployment.outputs(connection, stack) or {}).get("StateMachineArn")
    arn = executions.latest(connection, workflow) if workflow else None
    return executions.describe(connection, arn) if arn else None


def _alarms(connection: Connection, environments: list[str]) -> tuple[str, ...]:
    """The environment's alarms that ring: CloudFormation names an alarm after its stack."""
    environment = connection.environment.name
    pages = connection.client("cloudwatch").get_paginator("describe_alarms")
    found = pages.paginate(AlarmNamePrefix=names.prefix(environment), StateValue="ALARM")
    ringing = [alarm["AlarmName"] for page in found for alarm in page["MetricAlarms"]]
    return tuple(sorted(name for name in ringing if names.belongs(name, environment, environments)))
