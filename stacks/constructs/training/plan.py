"""The start of an execution: its input is checked, and its variables are set."""

from __future__ import annotations

from constructs import Construct

from specs import ModelSpec, hyperparameter_text
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.jobs.running_job import FIRST_PAUSE
from stacks.constructs.training.execution_input import refusal
from stacks.constructs.workflows.choice import Branch, Choice, Otherwise
from stacks.constructs.workflows.jsonata import EXECUTION_ID, INPUT, Jsonata, literal
from stacks.constructs.workflows.states import Fail, Pass

RUN = Jsonata(f"$substring($hash({EXECUTION_ID}, 'SHA-256'), 0, 16)")


class Plan(Construct):
    """Leaves with the variables that all steps know, from `$run` to `$jobs`."""

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings) -> None:
        super().__init__(scope, id_)
        refused_because = refusal(settings.model)
        plan = Pass(
            self,
            "Plan",
            assign={
                "run": RUN,
                "hyperparameters": hyperparameters(settings.model),
                "search": {},
                "tried": [],
                "jobs": [],
                "pause": FIRST_PAUSE,
            },
        )
        self.start = Choice(
            self,
            "Check the input",
            Branch(Jsonata(f"{refused_because} = ''"), plan),
            Otherwise(Fail(self, "Unknown input", error="UnknownInput", cause=refused_because)),
        )
        self.exits = [plan]


def hyperparameters(model: ModelSpec) -> Jsonata:
    """The declared ones, overridden by the execution's input; SageMaker takes strings only."""
    values = sorted(model.training.hyperparameters.items())
    declared = literal({name: hyperparameter_text(value) for name, value in values})
    given = f"$each({INPUT}.hyperparameters, function($value, $name) {{ {{$name: $string($value)}} }})"
    return Jsonata(f"$merge($append([{declared}], {given}))")
