"""The arguments of optimized integrations."""

from __future__ import annotations

from typing import Any

import jsonata
from ministack.services import stepfunctions
from sandbox.corrections.stepfunctions import add_task
from sandbox.state.snapshot import dump

TASK = "arn:aws:states:::sagemaker:createNothing"


def test_lists_of_an_expression_survive_in_a_service_s_state(monkeypatch) -> None:
    """They once kept the sandbox from saving all of its services from there on."""
    monkeypatch.setitem(stepfunctions._SERVICE_DISPATCH, TASK, None)
    kept: list[dict[str, Any]] = []

    def run(resource: str, arguments: dict[str, Any], attempt: object) -> dict[str, Any]:
        kept.append(arguments)
        return {}

    add_task(TASK, run)
    inputs = jsonata.Jsonata("[{'InputName': 'model'}, true ? {'InputName': 'champion'} : []]").evaluate(None)
    stepfunctions._SERVICE_DISPATCH[TASK](TASK, {"ProcessingInputs": inputs})
    assert kept == [{"ProcessingInputs": [{"InputName": "model"}, {"InputName": "champion"}]}]
    assert dump(kept)
