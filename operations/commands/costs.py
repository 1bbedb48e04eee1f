"""`costs`: the costs and quotas of an environment, from its files and a table of list prices."""

from __future__ import annotations

from dataclasses import asdict

from rich.console import RenderableType

from operations.terminal.arguments import AsJson, EnvironmentName, find_environment, load_specs
from operations.terminal.render import out, print_json, table
from specs import resolve
from specs.costs.quotas import Quota, quotas
from specs.costs.runs import Run, runs
from specs.costs.standing import HOURS, Cost, standing, total
from specs.environment import SANDBOX_ACCOUNT

NOT_INCLUDED = (
    "Not included: storage and requests of S3, logs, data transfer, workflows' transitions, the MLflow App (the table "
    "has no price of it), volumes of jobs and endpoints, spot's discount, taxes. Trials of a search are trainings each."
)


def command(environment_name: EnvironmentName, as_json: AsJson = False) -> None:
    """Print the costs of an environment and of a training, and the quotas needed.

    It reads the files and a table of list prices, and asks AWS nothing (docs/costs.md).

    Example: python -m operations costs local
    """
    specs = load_specs()
    environment = find_environment(specs, environment_name)
    models = [resolve(model, environment) for model in specs.models]
    costs, trainings = standing(models), [run for model in models for run in runs(model)]
    needed = quotas(models)
    if as_json:
        print_json(
            {
                "region": environment.region,
                "standing": [asdict(cost) for cost in (*costs, total(costs))],
                "trainings": [asdict(run) for run in trainings],
                "quotas": [asdict(quota) for quota in needed],
            }
        )
        return
    if environment.account == SANDBOX_ACCOUNT:
        out.print("The sandbox costs nothing. On AWS, in its region:", "")
    for shown in (_standing(environment.region, costs), _trainings(trainings), _quotas(needed)):
        out.print(shown, "")
    dates = total(costs).dates
    out.print(f"List prices of {dates[0]} to {dates[-1]}." if dates else "The table has no prices of this region.")
    out.print(NOT_INCLUDED)


def _standing(region: str, costs: tuple[Cost, ...]) -> RenderableType:
    rows = [
        (cost.what, _usd(cost.least, 3), _usd(cost.least, 0, HOURS), _usd(cost.most, 3), _usd(cost.most, 0, HOURS))
        for cost in (*costs, total(costs))
    ]
    columns = ("", "USD an hour", "a month", "scaled out: an hour", "a month")
    return table(f"Around the clock in {region}", columns, rows)


def _trainings(found: list[Run]) -> RenderableType:
    rows = [
        (run.model, run.candidate, _usd(run.usd_per_hour, 3), f"{run.longest_hours:g} h", _usd(run.most, 2))
        for run in found
    ]
    columns = ("model", "candidate", "USD an hour on demand", "longest", "USD at most")
    return table("One training, on each candidate of the ladder", columns, rows)


def _quotas(needed: tuple[Quota, ...]) -> RenderableType:
    rows = [(quota.name, quota.least, quota.most) for quota in needed]
    columns = ("Amazon SageMaker", "one model at a time", "never refused")
    return table("Quotas, in instances (Service Quotas)", columns, rows)


def _usd(value: float | None, digits: int, times: int = 1) -> str:
    return "unknown" if value is None else f"{value * times:,.{digits}f}"
