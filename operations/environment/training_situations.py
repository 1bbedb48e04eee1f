"""Situations of a model's last training, if it came after every version."""

from __future__ import annotations

from operations.environment.situation import MENDED, NEXT, Situation, Step
from operations.environment.state import ModelState
from specs import hints

_GATE = "GateFailed"  # as stacks/constructs/training/evaluation_gate.py calls it


def never_trained(state: ModelState) -> Situation | None:
    """A model that was only deployed."""
    if state.training is not None or state.versions:
        return None
    upload = Step("Next, upload its data", hints.upload(*state.place, "FOLDER")) if state.lacks_data else None
    train = Step("Then train" if upload else NEXT, hints.train(*state.place, watch=True))
    sentence = f"{state.model} was never trained here."
    return Situation("never trained", sentence, (upload, train) if upload else (train,))


def training(state: ModelState) -> Situation | None:
    """A training on its way."""
    if state.training is None or not state.training.running:
        return None
    return Situation("training", f"{state.serving} A training is under way.", (Step(NEXT, hints.watch(*state.place)),))


def training_failed(state: ModelState) -> Situation | None:
    """A training that registered nothing, by the gate or by a fault."""
    last = state.training
    if last is None or last.running or last.succeeded or any(one.created > last.started for one, _ in state.versions):
        return None
    again = hints.train(*state.place, watch=True)
    if last.error == _GATE:
        sentence = f"{state.serving} The gate refused the last training: {(last.cause or '').rstrip('.')}."
        read = Step("Next, read its report", hints.report(*state.place))
        return Situation("gate refused", sentence, (read, Step("Then train again", again)))
    sentence = f"{state.serving} The last training ended as {last.status}: {last.reason.rstrip('.')}."
    return Situation("training failed", sentence, (Step(MENDED, again),))
