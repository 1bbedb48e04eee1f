"""Every situation of a model, in the order in which they are asked for."""

from __future__ import annotations

from collections.abc import Callable

from operations.environment import stack_situations as of_stacks
from operations.environment import training_situations as of_training
from operations.environment import version_situations as of_versions
from operations.environment.situation import Situation
from operations.environment.state import ModelState

# The first that holds is said: a stack that cannot be updated stands in the way of every release, and so on.
_ASKED: tuple[Callable[[ModelState], Situation | None], ...] = (
    of_stacks.not_deployed,
    of_stacks.stuck,
    of_stacks.failed,
    of_stacks.releasing,
    of_stacks.changing,
    of_stacks.parked,
    of_stacks.endpoint_gone,
    of_stacks.endpoint_failed,
    of_versions.serves_another,
    of_versions.not_released,
    of_versions.not_pruned,
    of_versions.pinned_elsewhere,
    of_versions.serves_rejected,
    of_versions.waits_for_approval,
    of_versions.not_pinned,
    of_training.training,
    of_training.training_failed,
    of_versions.rejected,
    of_versions.passed_over,
    of_training.never_trained,
    of_versions.released,
)


def situation(state: ModelState) -> Situation:
    """The situation of a model."""
    return next(found for asked in _ASKED if (found := asked(state)))
