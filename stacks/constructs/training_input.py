"""What an execution of the training workflow may be given, and what it makes of it."""

from __future__ import annotations

import json

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.training_context import TrainingContext

INPUT = "$states.context.Execution.Input"

REFUSAL = (
    "{% ($input := $states.context.Execution.Input;"
    " $unknown := $type($input) = 'object' ? $keys($input)[$ != 'hyperparameters'] : [];"
    " $given := $exists($input.hyperparameters) ? $input.hyperparameters : {};"
    " $nested := $type($given) = 'object'"
    " ? $keys($given)[$not($type($lookup($given, $)) in ['string', 'number', 'boolean'])] : [];"
    " $type($input) != 'object' ? 'The input is of type ' & $type($input) &"
    " '; give an object such as {\"hyperparameters\": {\"epochs\": 3}} or {}'"
    " : $count($unknown) > 0 ? 'The input has unknown keys: ' & $join($unknown, ', ') & '; only hyperparameters is known'"
    " : $type($given) != 'object' ? 'hyperparameters is of type ' & $type($given) & '; give an object of names and values'"
    " : $count($nested) > 0 ? 'These hyperparameters are neither string, number nor boolean: ' & $join($nested, ', ')"
    " : '') %}"
)
"""A sentence for a person, or the empty string."""


class TrainingInput(Construct):
    """Checks the input, and sets the variables that all steps use: `start` is its first state.

    `$root` is where all that this execution writes begins, `$name` what its job names begin with, `$hyperparameters`
    the model's defaults overridden by the input, as strings, because SageMaker takes no others.
    """

    def __init__(self, scope: Construct, id_: str, *, context: TrainingContext, next_: sfn.IChainable) -> None:
        super().__init__(scope, id_)
        model = context.model.name
        execution = "$substring($hash($states.context.Execution.Id, 'SHA-256'), 0, 16)"
        refused = sfn.Fail(self, "Input refused", error="InputRefused", cause="{% $refusal %}")
        understood = sfn.Choice(self, "Input understood?")
        understood.when(sfn.Condition.jsonata("{% $refusal != '' %}"), refused).otherwise(
            sfn.Pass(
                self,
                "Begin",
                assign={
                    "name": f"{{% '{model}-' & {execution} %}}",
                    "root": f"{{% 's3://{context.foundation.artifacts.bucket_name}/{model}/' & {execution} %}}",
                    "evaluation_key": f"{{% '{model}/' & {execution} & '/evaluation/evaluation.json' %}}",
                    "hyperparameters": _hyperparameters(context),
                    "tried": [],
                },
                outputs={},
            ).next(next_)
        )
        self.start = sfn.Pass(self, "Read input", assign={"refusal": REFUSAL}, outputs={}).next(understood)


def _hyperparameters(context: TrainingContext) -> str:
    defaults = {name: as_text(value) for name, value in context.model.training.hyperparameters.items()}
    given = "$each($states.context.Execution.Input.hyperparameters, function($v, $k) {{$k: $string($v)}})"
    return f"{{% $merge([{json.dumps(defaults)}, {given}]) %}}"


def as_text(value: str | int | float | bool) -> str:
    """As JSON writes it, so that true is `true`; a string stays as it is."""
    return value if isinstance(value, str) else json.dumps(value)
