"""A model (models/*.toml): its data, training, evaluation and serving."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictStr

from specs import aws
from specs.alarms import Alarms
from specs.base import Declared, Distinct, item_count
from specs.fields import (
    Description,
    EvaluationMetric,
    HyperparameterName,
    HyperparameterValue,
    MediaType,
    MetricName,
    ModelName,
    NotNegative,
    Number,
    Package,
    S3Name,
    Seconds,
    TrainingVolume,
)
from specs.overrides import Overrides
from specs.refusal import refused
from specs.tuning import Tuning

Value = str | int | float | bool


def hyperparameter_text(value: object) -> str:
    """A hyperparameter's value as a job gets it from SageMaker."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _few_metrics(names: tuple[str, ...]) -> tuple[str, ...]:
    _at_most(len(names), aws.largest("MetricDefinitionList"), "metrics")
    return names


def _few_hyperparameters(values: dict[str, Value]) -> dict[str, Value]:
    _at_most(len(values), aws.largest("HyperParameters"), "hyperparameters")
    return values


def _at_most(number: int, most: int, noun: str) -> None:
    if number > most:
        raise refused(f"there are {number} {noun}", allowed=f"at most {most} (SageMaker)", write="fewer of them")


class Data(Declared):
    """The files of a data set, in the data bucket at datasets/{dataset}/raw/{file}.

    With `client-side` encryption they are encrypted before they leave the machine that uploads them, and only the jobs
    of models of this data set decrypt them; with `server-side` S3 encrypts what arrives.
    """

    dataset: S3Name
    encryption: Literal["client-side", "server-side"] = "server-side"
    files: Annotated[Distinct[S3Name], item_count(1, 1000, '["train-images-idx3-ubyte"]')]


class Training(Declared):
    """A training job: `package` is a folder of training/; the hyperparameters are those that it declares."""

    package: Package
    checkpoints: StrictBool
    max_runtime_seconds: Seconds
    volume_size_gb: TrainingVolume
    metrics: Annotated[Distinct[MetricName], AfterValidator(_few_metrics)]
    hyperparameters: Annotated[dict[HyperparameterName, HyperparameterValue], AfterValidator(_few_hyperparameters)] = (
        Field(default_factory=dict)
    )
    tuning: Tuning | None = None


class Limit(Declared):
    """A metric that has to reach a threshold.

    `metric` is a name in the evaluation's `metrics`; a better model has more of it, or less with the goal `minimize`.
    """

    metric: EvaluationMetric
    goal: Literal["maximize", "minimize"] = "maximize"
    threshold: Number


class Evaluation(Limit):
    """The gate: `metric` has to reach `threshold`, and be at most `tolerance` worse than the champion's.

    The metrics of `also` have to reach theirs, too, and are not compared with the champion's. The newest Approved
    version of the model `judge` is given to the evaluation.
    """

    tolerance: NotNegative
    judge: ModelName | None = None
    also: tuple[Limit, ...] = ()

    @property
    def limits(self) -> tuple[Limit, ...]:
        """All thresholds, the deciding metric's first."""
        return (self, *self.also)


class ModelServing(Declared):
    """The media types that the endpoint reads and writes, and the limits of its alarms."""

    content_types: Annotated[Distinct[MediaType], item_count(1, 100, '["application/json"]')]
    response_types: Annotated[Distinct[MediaType], item_count(1, 100, '["application/json"]')]
    alarms: Alarms = Alarms()


class ModelSpec(Declared):
    """One file of models/, which has its name. `environment` holds overrides by the environment's name."""

    name: ModelName
    description: Description
    data: Data
    training: Training
    evaluation: Evaluation
    serving: ModelServing
    environment: dict[StrictStr, Overrides] = Field(default_factory=dict)
