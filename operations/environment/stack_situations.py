"""Situations of a model's stacks and of its endpoint, before any version matters."""

from __future__ import annotations

from operations.environment.situation import NEXT, Situation, Step
from operations.environment.state import ModelState
from specs import hints, names

_STUCK = {"UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED"}
_ENDPOINT_LOST = {"Failed", "UpdateRollbackFailed"}


def not_deployed(state: ModelState) -> Situation | None:
    """Without its training stack a model has no registry and no workflow."""
    if names.training_stack(*state.place) in state.stacks:
        return None
    sentence = f"{state.model} is not deployed in {state.environment}."
    return Situation("not deployed", sentence, (Step(NEXT, hints.deploy(state.environment)),))


def stuck(state: ModelState) -> Situation | None:
    """An update that failed, and so did its rollback: no other one can begin.

    Source: AWS CloudFormation User Guide, "Continue rolling back an update".
    """
    for stack, status in state.stacks.items():
        if status in _STUCK:
            sentence = (
                f"Stack {stack} is {status}: an update failed, and CloudFormation could not undo it. "
                "The reason is in the stack's events. No deploy and no release can begin until it is undone."
            )
            command = hints.continue_rollback(state.environment, stack)
            return Situation("stack stuck", sentence, (Step("Once the reason is mended", command),))
    return None


def failed(state: ModelState) -> Situation | None:
    """A creation or a deletion that failed: a deploy replaces the one, and a destroy ends the other."""
    for stack, status in state.stacks.items():
        if not (status.endswith("_FAILED") or status in {"ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"}):
            continue
        again = hints.destroy if status in {"DELETE_FAILED", "CREATE_FAILED", "ROLLBACK_FAILED"} else hints.deploy
        sentence = f"Stack {stack} is {status}, so nothing can be released. The reason is in the stack's events."
        return Situation("stack failed", sentence, (Step(NEXT, again(state.environment, stack)),))
    return None


def releasing(state: ModelState) -> Situation | None:
    """A release on its way; one at a time changes the stack."""
    if state.release is None or not state.release.running:
        return None
    which = f"version {state.release.version}" if state.release.version else "a version"
    command = hints.watch(*state.place, execution=state.release.arn)
    return Situation("releasing", f"{state.serving} A release of {which} is under way.", (Step(NEXT, command),))


def changing(state: ModelState) -> Situation | None:
    """A deploy or a destroy on its way."""
    for stack, status in state.stacks.items():
        if status.endswith("_IN_PROGRESS"):
            sentence = f"{state.serving} Stack {stack} is {status}: a deploy or a destroy is under way."
            return Situation("stack changing", sentence, (Step("When it has ended", hints.status(*state.place)),))
    return None


def parked(state: ModelState) -> Situation | None:
    """Versions without the stacks that serve them: somebody destroyed these to save money."""
    absent = [stack for stack in names.model_stacks(*state.place) if stack not in state.stacks]
    if not absent:
        return None
    sentence = f"Nothing serves: stack {absent[0]} is not deployed. The registry has {len(state.versions)} versions."
    deploy = hints.deploy(state.environment, names.serving_stack(*state.place))
    return Situation("parked", sentence, (Step(NEXT, deploy),))


def endpoint_gone(state: ModelState) -> Situation | None:
    """An endpoint that its stack does not know to be gone: no update would make it again."""
    if state.meant is None or state.served is not None:
        return None
    sentence = f"Nothing serves: the endpoint was deleted, but not by its stack, which means {state.meant}."
    return Situation("endpoint gone", sentence, _serving_anew(state))


def endpoint_failed(state: ModelState) -> Situation | None:
    """An endpoint that can only be deleted.

    Source: Amazon SageMaker API Reference, "DescribeEndpoint", EndpointStatus.
    """
    if state.served is None or state.served.status not in _ENDPOINT_LOST:
        return None
    reason = state.served.failure or "SageMaker gives no reason"
    sentence = f"The endpoint is {state.served.status}: {reason}. SageMaker can only delete it."
    return Situation("endpoint failed", sentence, _serving_anew(state))


def _serving_anew(state: ModelState) -> tuple[Step, ...]:
    command = hints.destroy(state.environment, names.serving_stack(*state.place))
    return (Step("Next, to serve anew, with a new endpoint", command),)
