"""What people declare: models/*.toml and environments/*.toml, read into frozen, validated objects.

    specs = load(pathlib.Path("."))          # raises SpecFaults with every fault of every file
    specs.environment("dev").training.candidates[0].instance_type

Knows pydantic, tomllib and botocore's service models; never the CDK, boto3 or TensorFlow.
"""

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
)
from specs.faults import Fault, SpecFaults
from specs.load import Specs, load
from specs.model import Data, Evaluation, ModelServing, ModelSpec, Training
from specs.resolved import ResolvedModel, resolve
from specs.tuning import Range, Tuning

__all__ = [
    "Autoscaling",
    "Canary",
    "Candidate",
    "Data",
    "EnvironmentServing",
    "EnvironmentSpec",
    "EnvironmentTraining",
    "Evaluation",
    "Fault",
    "Limits",
    "ModelServing",
    "ModelSpec",
    "Network",
    "Processing",
    "Range",
    "Release",
    "ResolvedModel",
    "Retention",
    "SpecFaults",
    "Specs",
    "Training",
    "Tuning",
    "load",
    "resolve",
]
