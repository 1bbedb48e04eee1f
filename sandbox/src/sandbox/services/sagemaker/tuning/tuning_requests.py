"""The members of CreateHyperParameterTuningJob that are honoured, and AWS's further checks.

Sources: SageMaker API Reference, "HyperParameterTuningJobConfig"; Developer Guide,
"Resource Limits for Automatic Model Tuning".
"""

from __future__ import annotations

from typing import Any

from sandbox.frame.errors import ValidationException
from sandbox.services.sagemaker.jobs import training_requests
from sandbox.services.sagemaker.tuning.ranges import ranges
from sandbox.services.sagemaker.tuning.training_request import resource_configs, training_request

_OF_TRAINING_JOBS_ALONE = frozenset(
    {
        "TrainingJobName",
        "HyperParameters",
        "Tags",
        "ProfilerConfig.DisableProfiler",
        "AlgorithmSpecification.EnableSageMakerMetricsTimeSeries",
        "AlgorithmSpecification.ContainerEntrypoint",
        "AlgorithmSpecification.ContainerArguments",
    }
)
_CONFIG, _DEFINITION = "HyperParameterTuningJobConfig", "TrainingJobDefinition"
ACCEPTED = frozenset(
    {
        "HyperParameterTuningJobName",
        "Tags",
        f"{_CONFIG}.Strategy",
        f"{_CONFIG}.HyperParameterTuningJobObjective",
        f"{_CONFIG}.ResourceLimits",
        f"{_CONFIG}.ParameterRanges.IntegerParameterRanges",
        f"{_CONFIG}.ParameterRanges.ContinuousParameterRanges",
        f"{_CONFIG}.ParameterRanges.CategoricalParameterRanges",
        f"{_CONFIG}.TrainingJobEarlyStoppingType",
        f"{_CONFIG}.TuningJobCompletionCriteria",
        f"{_CONFIG}.RandomSeed",
        f"{_DEFINITION}.DefinitionName",
        f"{_DEFINITION}.StaticHyperParameters",
        f"{_DEFINITION}.HyperParameterTuningResourceConfig",
        *(f"{_DEFINITION}.{member}" for member in training_requests.ACCEPTED - _OF_TRAINING_JOBS_ALONE),
    }
)
ONLY: dict[str, tuple[Any, ...]] = {
    f"{_CONFIG}.Strategy": ("Bayesian", "Random", "Grid"),
    f"{_CONFIG}.TuningJobCompletionCriteria.ConvergenceDetected.CompleteOnConvergence": ("Disabled",),
    **{
        f"{_DEFINITION}.{member}": values
        for member, values in training_requests.ONLY.items()
        if member not in _OF_TRAINING_JOBS_ALONE
    },
}
REDUCED = {
    f"{_CONFIG}.Strategy": "Bayesian is Optuna's Tree-structured Parzen Estimator, Random its random sampler: AWS's "
    "own searches are not public, so the same seed finds other values there",
    **dict.fromkeys(
        (f"{_CONFIG}.ParameterRanges.IntegerParameterRanges", f"{_CONFIG}.ParameterRanges.ContinuousParameterRanges"),
        "ScalingType Auto is Logarithmic for a range with an end of 100 times its beginning, "
        "else Linear; AWS does not say how it chooses",
    ),
    f"{_CONFIG}.TrainingJobEarlyStoppingType": "each value of the objective that a job emits counts as an epoch",
    f"{_DEFINITION}.HyperParameterTuningResourceConfig": "the first of InstanceConfigs that no declared fault (quota, "
    "capacity, spot) befalls when a training job is launched; no warm pools",
    f"{_DEFINITION}.CheckpointConfig": "all training jobs have S3Uri as it is given; AWS does not say whether each has "
    "a path of its own below",
    f"{_DEFINITION}.StaticHyperParameters": training_requests.REDUCED["HyperParameters"],
    **{
        f"{_DEFINITION}.{member}": note
        for member, note in training_requests.REDUCED.items()
        if member not in _OF_TRAINING_JOBS_ALONE
    },
}
_MOST_PARALLEL = 100
_MOST_JOBS = {"Bayesian": 750, "Random": 10_000, "Grid": 10_000}
_OBJECTIVE = "HyperParameterTuningJobObjective"


def check(request: dict[str, Any]) -> None:
    """Raise ValidationException for what the sandbox does not implement or AWS refuses. Fills in AWS's defaults."""
    if _DEFINITION not in request:
        raise ValidationException(f"{_DEFINITION} is required: it says what the training jobs of this tuning job run")
    config, definition = request[_CONFIG], request[_DEFINITION]
    config.setdefault("TrainingJobEarlyStoppingType", "Off")
    _check_objective(config, definition)
    found = ranges(config.get("ParameterRanges", {}), definition.get("StaticHyperParameters", {}))
    _check_strategy(config)
    _check_limits(config)
    definition.setdefault("StaticHyperParameters", {})["_tuning_objective_metric"] = config[_OBJECTIVE]["MetricName"]
    any_values = {item.name: "0" for item in found}
    for resources in resource_configs(definition):
        example = training_request(request, "example", any_values, resources, [])
        training_requests.check(example, "CreateHyperParameterTuningJob")


def _check_objective(config: dict[str, Any], definition: dict[str, Any]) -> None:
    if _OBJECTIVE not in config:
        raise ValidationException(
            f"{_CONFIG}.{_OBJECTIVE} is required: without it no training job is better than another"
        )
    metric = config[_OBJECTIVE]["MetricName"]
    known = [each["Name"] for each in definition["AlgorithmSpecification"].get("MetricDefinitions", [])]
    if metric not in known:
        raise ValidationException(
            f"The objective metric '{metric}' is not among AlgorithmSpecification.MetricDefinitions, so no training "
            f"job could report it; they define: {', '.join(known) or 'nothing'}"
        )


def _check_strategy(config: dict[str, Any]) -> None:
    others = [name for name, given in config["ParameterRanges"].items() if given and not name.startswith("Categorical")]
    if config["Strategy"] == "Grid" and others:
        raise ValidationException(
            f"Grid search takes CategoricalParameterRanges alone, not {' and '.join(sorted(others))}: list the values, "
            "or use Bayesian or Random"
        )


def _check_limits(config: dict[str, Any]) -> None:
    limits, strategy = config["ResourceLimits"], config["Strategy"]
    jobs, parallel = limits.get("MaxNumberOfTrainingJobs"), limits["MaxParallelTrainingJobs"]
    if jobs is None and strategy != "Grid" and "MaxRuntimeInSeconds" not in limits:
        raise ValidationException(
            "ResourceLimits needs MaxNumberOfTrainingJobs or MaxRuntimeInSeconds: the tuning job would never end"
        )
    if jobs is not None and jobs > _MOST_JOBS[strategy]:
        raise ValidationException(
            f"MaxNumberOfTrainingJobs is {jobs}; a tuning job of strategy {strategy} launches at most "
            f"{_MOST_JOBS[strategy]}"
        )
    if parallel > _MOST_PARALLEL:
        raise ValidationException(f"MaxParallelTrainingJobs is {parallel}; at most {_MOST_PARALLEL} may run at once")
    if jobs is not None and parallel > jobs:
        raise ValidationException(
            f"MaxParallelTrainingJobs ({parallel}) must not be above MaxNumberOfTrainingJobs ({jobs})"
        )
    if strategy == "Grid" and jobs is not None and jobs != (combinations := _combinations(config)):
        raise ValidationException(
            f"MaxNumberOfTrainingJobs is {jobs}, but the grid has {combinations} combinations: leave it out for Grid"
        )


def _combinations(config: dict[str, Any]) -> int:
    count = 1
    for item in config["ParameterRanges"].get("CategoricalParameterRanges", []):
        count *= len(item["Values"])
    return count
