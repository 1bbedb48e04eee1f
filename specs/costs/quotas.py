"""The quotas that an environment needs, by their names in Service Quotas (service "Amazon SageMaker").

A blue/green update, which every release is, creates the whole new fleet beside the old one, and keeps the number of
instances that scaling chose. Sources: SageMaker Developer Guide, "Blue/Green Deployments", "Canary Traffic Shifting";
AWS General Reference, "Amazon SageMaker AI endpoints and quotas". Two environments in one account and region add up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from specs.resolved import ResolvedModel

_JOBS = {"on-demand": "for training job usage", "spot": "for spot training job usage"}


@dataclass(frozen=True)
class Quota:
    """A quota with two numbers of instances.

    `least` suffices while one model is trained or released at a time, without a search, and no endpoint is scaled out.
    With `most` nothing that is declared is ever refused.
    """

    name: str
    least: int
    most: int


def quotas(models: Sequence[ResolvedModel]) -> tuple[Quota, ...]:
    """The quotas by name."""
    return tuple(sorted((*_endpoints(models), *_training(models), *_processing(models)), key=lambda item: item.name))


def _endpoints(models: Sequence[ResolvedModel]) -> list[Quota]:
    fleets: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for model in models:
        serving = model.environment.serving
        most = serving.autoscaling.max_instances if serving.autoscaling else serving.instance_count
        fleets[serving.instance_type].append((serving.instance_count, most))
    return [
        Quota(
            f"{instance_type} for endpoint usage",
            sum(least for least, _ in counts) + max(least for least, _ in counts),
            2 * sum(most for _, most in counts),
        )
        for instance_type, counts in fleets.items()
    ]


def _training(models: Sequence[ResolvedModel]) -> list[Quota]:
    """The instances of one job, or of all trials that a search runs at once."""
    needed: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for model in models:
        tuning = model.model.training.tuning
        for candidate in model.environment.training.candidates:
            name = f"{candidate.instance_type} {_JOBS[candidate.purchase]}"
            job = candidate.instance_count
            trials = job * tuning.max_parallel_jobs if tuning else job
            least, most = needed[name].get(model.model.name, (0, 0))
            needed[name][model.model.name] = max(least, job), max(most, trials)
    return [
        Quota(name, max(least for least, _ in each.values()), sum(most for _, most in each.values()))
        for name, each in needed.items()
    ]


def _processing(models: Sequence[ResolvedModel]) -> list[Quota]:
    """One job of an execution at a time."""
    types = [model.environment.processing.instance_type for model in models]
    return [Quota(f"{name} for processing job usage", 1, types.count(name)) for name in sorted(set(types))]
