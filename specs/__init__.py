"""Declared models and environments, read from TOML into frozen, validated objects.

    specs = load(pathlib.Path("."))          # raises SpecError with every problem of every file
    resolved = resolve(specs.models[0], specs.environment("dev"))  # with the model's overrides
    resolved.environment.training.candidates[0].instance_type

Needs pydantic, tomllib and botocore's service models; never the CDK, boto3 or TensorFlow.
"""

from specs.alarms import AlarmLimits, Alarms
from specs.environment import (
    Autoscaling,
    Canary,
    Candidate,
    EnvironmentServing,
    EnvironmentSpec,
    EnvironmentTraining,
    Limits,
    Network,
    Processing,
    Release,
    Retention,
    Roles,
)
from specs.load import Specs, load
from specs.model import Data, Evaluation, Limit, ModelServing, ModelSpec, Training, hyperparameter_text
from specs.problems import Problem, SpecError
from specs.resolved import ResolvedModel, resolve
from specs.tuning import Range, Tuning

__all__ = [
    "AlarmLimits",
    "Alarms",
    "Autoscaling",
    "Canary",
    "Candidate",
    "Data",
    "EnvironmentServing",
    "EnvironmentSpec",
    "EnvironmentTraining",
    "Evaluation",
    "Limit",
    "Limits",
    "ModelServing",
    "ModelSpec",
    "Network",
    "Problem",
    "Processing",
    "Range",
    "Release",
    "ResolvedModel",
    "Retention",
    "Roles",
    "SpecError",
    "Specs",
    "Training",
    "Tuning",
    "hyperparameter_text",
    "load",
    "resolve",
]
