"""Situations of a model's versions: released or not, and why."""

from __future__ import annotations

from operations.deployed import registry
from operations.environment.situation import MENDED, NEXT, Situation, Step
from operations.environment.state import ModelState
from specs import hints

_BY_RELEASE = (
    "release failed: "  # as the release workflow begins its rejections (stacks/constructs/release/rejection.py)
)
_BY_ALARM = "in state ALARM"  # as SageMaker says that an alarm rolled an endpoint's update back


def serves_another(state: ModelState) -> Situation | None:
    """An endpoint beside its stack: a deploy, a release or a person left it so."""
    if state.served is None or state.meant in (None, state.served.package):
        return None
    sentence = f"{state.serving} But its stack means {state.meant}."
    if state.pinned:
        return Situation("endpoint differs", sentence, (Step(NEXT, hints.deploy(state.environment)),))
    return Situation("endpoint differs", sentence, (Step(NEXT, _approve(state, state.serves)),))


def not_released(state: ModelState) -> Situation | None:
    """An Approved version, newer than what serves, without a release that succeeded."""
    package, attempt = state.unreleased, state.attempt
    if package is None:
        return None
    approved = f"{state.serving} Version {package.version} is Approved"
    again = _approve(state, package.version)
    if attempt is None:
        sentence = f"{approved}, but no release of it has started: the event of its approval may be late or lost."
        return Situation("release not started", sentence, (Step("If none starts within two minutes", again),))
    if not attempt.succeeded:
        sentence = f"{approved}, but its release ended as {attempt.status}: {attempt.reason.rstrip('.')}."
        return Situation("release cut off", sentence, (Step(MENDED, again),))
    if state.served is None:
        return Situation("release undone", f"{approved}, and was released before.", (Step(NEXT, again),))
    return None  # somebody went back past it


def not_pruned(state: ModelState) -> Situation | None:
    """A version in service; its release could not delete what it replaced."""
    release = state.release
    if release is None or release.error != "PruningFailed" or release.version != state.serves:
        return None
    sentence = f"{state.serving} Its release left the replaced resources behind: {release.reason.rstrip('.')}."
    return Situation("not pruned", sentence, (Step(MENDED, _approve(state, state.serves)),))


def serves_rejected(state: ModelState) -> Situation | None:
    """A rollback that failed, or that nothing older could follow."""
    package = next((package for package, _ in state.versions if package.version == state.serves), None)
    if package is None or package.approval != registry.REJECTED:
        return None
    older = next((version for version in state.approved if version < package.version), None)
    keep = Step(f"Or, to keep version {package.version}", _approve(state, package.version))
    rejected = f"Version {package.version} serves, although it is Rejected."
    if state.pinned:
        pin = Step("Next, pin another version, then", hints.deploy(state.environment))
        return Situation("serves Rejected", rejected, (pin,))
    if older is None:
        sentence = f"{rejected} No older version is Approved, so there is nothing to go back to."
        return Situation("serves Rejected, no way back", sentence, (_train(state), keep))
    again = hints.rollback(*state.place, older)
    if state.release and not state.release.succeeded:
        sentence = (
            f"{rejected} The rollback to version {state.release.version} failed: {state.release.reason.rstrip('.')}."
        )
        return Situation("rollback failed", sentence, (Step(MENDED, again), keep))
    return Situation("serves Rejected", rejected, (Step(NEXT, again), keep))


def waits_for_approval(state: ModelState) -> Situation | None:
    """The newest version that waits, if it is newer than what serves."""
    version = state.newest(registry.PENDING)
    if version is None:
        return None
    steps = (
        Step("Next, read its report", hints.report(*state.place, execution=f"v{version}")),
        Step("Then let it serve", hints.approve(*state.place, version, wait=not state.pinned)),
        Step("Or keep it from serving", hints.reject(*state.place, version)),
    )
    return Situation("waits for approval", f"{state.serving} Version {version} waits for approval.", steps)


def pinned_elsewhere(state: ModelState) -> Situation | None:
    """A pin that is not deployed, in an environment that releases by pin."""
    if not state.pinned or state.pin is None or state.pin == state.serves:
        return None
    sentence = f"{state.serving} environments/{state.environment}.toml pins version {state.pin}."
    return Situation("pin not deployed", sentence, (Step(NEXT, hints.deploy(state.environment)),))


def not_pinned(state: ModelState) -> Situation | None:
    """An Approved version that no file pins, in an environment that releases by pin."""
    version = state.newest(registry.APPROVED)
    if not state.pinned or version is None:
        return None
    file = f"environments/{state.environment}.toml"
    sentence = f"{state.serving} Version {version} is Approved, and {file}, [release.pinned], does not name it."
    return Situation(
        "not pinned", sentence, (Step("To release it, pin it there, then", hints.deploy(state.environment)),)
    )


def rejected(state: ModelState) -> Situation | None:
    """The newest version, rejected by its release or by a person."""
    version = state.newest(registry.REJECTED)
    if version is None or state.newest(registry.APPROVED) is not None:
        return None
    if not state.reason.startswith(_BY_RELEASE):
        why = f": {state.reason.rstrip('.')}" if state.reason else ""
        sentence = f"{state.serving} Version {version} was rejected{why}."
        yet = Step("Or, to let it serve after all", hints.approve(*state.place, version, wait=not state.pinned))
        return Situation("rejected", sentence, (_train(state), yet))
    reason = state.reason.removeprefix(_BY_RELEASE)
    sentence = f"{state.serving} Version {version} was not released, and is Rejected: {reason.rstrip('.')}."
    if _BY_ALARM in reason:
        return Situation(
            "canary rolled back", sentence, (_train(state), Step("Or, to try it again", _approve(state, version)))
        )
    return Situation("release rolled back", sentence, (Step(MENDED, _approve(state, version)),))


def passed_over(state: ModelState) -> Situation | None:
    """An approval that released nothing: another version serves, which is newer or was released meanwhile."""
    asked = state.release.version if state.release else None
    if asked in (None, state.serves) or state.served is None or asked not in state.approved:
        return None
    back = hints.rollback(*state.place, asked) if asked < (state.serves or 0) else _approve(state, asked)
    sentence = f"{state.serving} The last release, of version {asked}, changed nothing."
    return Situation("passed over", sentence, (Step(f"To serve version {asked} instead", back),))


def released(state: ModelState) -> Situation:
    """Everything is as meant."""
    if state.served is None:
        return Situation("nothing registered", "Nothing serves, and no version waits or is Approved.", (_train(state),))
    return Situation("released", state.serving, (_train(state),))


def _approve(state: ModelState, version: int | None) -> str:
    return hints.approve(*state.place, version, wait=True)


def _train(state: ModelState) -> Step:
    return Step("To train another", hints.train(*state.place, watch=True))
