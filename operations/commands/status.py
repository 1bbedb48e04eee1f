"""`status`: the stacks, trainings, versions, endpoints and alarms of an environment."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from operations.aws.connection import connect
from operations.environment.situations import situation
from operations.environment.state import NEWEST, EnvironmentState, ModelState, inspect
from operations.terminal.arguments import AsJson, EnvironmentName, find_environment, find_model, load_specs
from operations.terminal.render import out, print_json, table, wrapped
from operations.workflows.executions import Execution, short_name
from specs import hints, names

OptionalModel = Annotated[str | None, typer.Argument(metavar="MODEL", help="One model only; default: all.")]


def command(environment_name: EnvironmentName, model_name: OptionalModel = None, as_json: AsJson = False) -> None:
    """Show what is deployed, trained, registered and served, which alarms ring, and the next command.

    Example: python -m operations status local digits-cnn
    """
    specs = load_specs()
    environment = find_environment(specs, environment_name)
    models = (find_model(specs, model_name),) if model_name else specs.models
    found = inspect(connect(environment), specs, models)
    if as_json:
        print_json(as_document(found))
    else:
        for shown in as_tables(found):
            out.print(shown, "")


def as_document(state: EnvironmentState) -> dict[str, Any]:
    """The state for programs."""
    return {
        "environment": state.environment,
        "stacks": [asdict(stack) for stack in state.stacks],
        "models": [
            {
                "model": model.model,
                "situation": asdict(situation(model)),
                "training": model.training.as_json() if model.training else None,
                "release": model.release.as_json() if model.release else None,
                "versions": [{**asdict(version), "metrics": values} for version, values in model.versions],
                "served": {**asdict(model.served), "version": model.served.version} if model.served else None,
                "meant": model.meant,
                "unscaled": model.unscaled,
            }
            for model in state.models
        ],
        "alarms": list(state.alarms),
    }


def as_tables(state: EnvironmentState) -> list[RenderableType]:
    """The state for people."""
    rows = [
        (stack.name, stack.status, "" if stack.declared else "orphan: no TOML declares it") for stack in state.stacks
    ]
    shown: list[RenderableType] = [table(f"Stacks of {state.environment}", ("stack", "status", ""), rows)]
    shown += _orphans(state)
    for model in state.models:
        shown += [table(model.model, ("", "status", "detail", "when"), _facts(model))]
        shown += _failures(model)
        shown += [_versions(model)]
        found = situation(model)
        stands = table(f"Where {model.model} stands", ("",), [(found.sentence,)])
        shown += [Group(stands, Text(found.next_steps()))]
    alarms = [(name, "ALARM") for name in state.alarms]
    return [*shown, table("Alarms", ("alarm", "state"), alarms) if alarms else "No alarm is in ALARM."]


def _orphans(state: EnvironmentState) -> list[RenderableType]:
    """The commands that remove the models that no file declares."""
    stacks = [stack.name for stack in state.stacks if not stack.declared]
    models = sorted({model for stack in stacks if (model := names.model_of(stack, state.environment))})
    steps = [f"    {hints.retire(state.environment, model)}" for model in models]
    return [Group("\n".join(["To remove a model that no TOML declares:", *steps]))] if steps else []


def _facts(model: ModelState) -> list[tuple[object, ...]]:
    served = model.served
    resize = f"unless a resize is under way: {hints.resize(*model.place)}"
    return [
        ("last training", *_execution(model.training)),
        ("last release", *_execution(model.release)),
        ("endpoint", served.status if served else "none", _served(model), None),
        *([("scaling", "off", resize, None)] if model.unscaled else []),
    ]


def _execution(execution: Execution | None) -> tuple[object, object, object]:
    if execution is None:
        return "never", None, None
    detail = execution.error if execution.ended_badly else short_name(execution.arn)
    return execution.status, detail, execution.started


def _failures(model: ModelState) -> list[RenderableType]:
    """The reasons with all their words: a column of a table would break them, and a command in them."""
    executions = (("training", model.training), ("release", model.release))
    failed = [(name, each.reason) for name, each in executions if each and each.ended_badly]
    return [Text(wrapped(f"The last {name} failed: {reason}", out.width)) for name, reason in failed]


def _served(model: ModelState) -> str:
    if model.served is None:
        return f"meant to serve {model.meant}" if model.meant else "no version was released"
    served = f"version {model.served.version} by {model.served.configuration}"
    if model.meant and model.meant != model.served.package:
        served += f", but the stack means {model.meant}"
    return f"{served}; {model.served.failure}" if model.served.failure else served


def _versions(model: ModelState) -> Table:
    serves = model.served.version if model.served else None
    rows = [
        (
            version.version,
            version.approval,
            values.get(model.metric),
            version.created,
            "in service" if version.version == serves else "",
        )
        for version, values in model.versions
    ]
    columns = ("version", "status", model.metric, "created", "")
    return table(f"Versions of {model.model} (the newest {NEWEST})", columns, rows)
