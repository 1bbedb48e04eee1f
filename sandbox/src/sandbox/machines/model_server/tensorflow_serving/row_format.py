"""The row format {"instances": [...]}: one value or object of named inputs for each example."""

from __future__ import annotations

from typing import Any

import numpy as np

from sandbox.machines.model_server.tensorflow_serving.errors import ServingError
from sandbox.machines.model_server.tensorflow_serving.json_tensors import is_base64, tensor
from sandbox.machines.model_server.tensorflow_serving.predict_request import Inputs
from sandbox.machines.model_server.tensorflow_serving.rapidjson import debug_text


def row_tensors(instances: list[Any], inputs: Inputs) -> dict[str, np.ndarray]:
    """The inputs, batched along a new first dimension. Raises ServingError."""
    if not isinstance(instances[0], dict) and len(inputs) > 1:
        raise ServingError(
            "instances is a plain list, but expecting list of objects as multiple input tensors required as per "
            "tensorinfo_map"
        )
    if _is_object(instances[0]):
        return _named(instances, inputs)
    return _plain(instances, inputs)


def _plain(instances: list[Any], inputs: Inputs) -> dict[str, np.ndarray]:
    [(name, expected), *_] = inputs.items()
    if not isinstance(instances[0], dict):
        try:
            return {name: tensor(instances, expected)}  # the whole batch at once, which is the common case
        except ServingError:
            pass  # found again below, with its instance
    rows: list[np.ndarray] = []
    for index, instance in enumerate(instances):
        if _is_object(instance):
            raise ServingError(f"Expecting value/list but got object at item {index} of input list")
        try:
            rows.append(_like_the_first(tensor(instance, expected), rows))
        except ServingError as error:
            raise ServingError(
                f"Failed to process element: {index} of 'instances' list. Error: {_status(error)}"
            ) from error
    return {name: np.stack(rows)}


def _named(instances: list[Any], inputs: Inputs) -> dict[str, np.ndarray]:
    rows: dict[str, list[np.ndarray]] = {name: [] for name in inputs}
    for index, instance in enumerate(instances):
        if not _is_object(instance):
            raise ServingError(f"Expecting object but got list at item {index} of input list")
        for name, value in instance.items():
            try:
                if name not in inputs:
                    raise ServingError(f"JSON object: does not have named input: {name}")
                rows[name].append(_like_the_first(tensor(value, inputs[name]), rows[name]))
            except ServingError as error:
                raise ServingError(
                    f"Failed to process element: {index} key: {name} of 'instances' list. Error: {_status(error)}"
                ) from error
        if set(instance) != set(inputs):
            raise ServingError(
                f"Failed to process element: {index} of 'instances' list. JSON object: {debug_text(instance)} keys "
                f"must be equal to: {','.join(sorted(inputs))}"
            )
    return {name: np.stack(found) for name, found in rows.items()}


def _is_object(value: Any) -> bool:
    return isinstance(value, dict) and not is_base64(value)


def _like_the_first(found: np.ndarray, rows: list[np.ndarray]) -> np.ndarray:
    if rows and rows[0].size != found.size:
        raise ServingError(f"Expecting tensor size: {rows[0].size} but got: {found.size}")
    if rows and rows[0].shape != found.shape:
        raise ServingError(f"Expecting shape {_shown(rows[0])} but got: {_shown(found)}")
    return found


def _shown(array: np.ndarray) -> str:
    return "[" + ",".join(map(str, array.shape)) + "]"


def _status(error: ServingError) -> str:
    """The text of a nested error, with its code."""
    return f"{'UNIMPLEMENTED' if error.status == 501 else 'INVALID_ARGUMENT'}: {error.message}"
