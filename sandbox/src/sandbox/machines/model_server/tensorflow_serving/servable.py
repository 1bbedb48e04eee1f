"""A loaded version of a SavedModel: a session on its graph, as in TensorFlow Serving itself."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from tensorflow.core.protobuf.config_pb2 import CallableOptions
from tensorflow.python.client.session import Session
from tensorflow.python.framework.dtypes import as_dtype
from tensorflow.python.framework.errors_impl import OpError
from tensorflow.python.framework.ops import Graph
from tensorflow.python.saved_model.loader_impl import load

from sandbox.machines.model_server.tensorflow_serving import predict_response
from sandbox.machines.model_server.tensorflow_serving.errors import ServingError, status_of
from sandbox.machines.model_server.tensorflow_serving.json_tensors import InputType
from sandbox.machines.model_server.tensorflow_serving.predict_request import (
    Format,
    columnar_tensors,
    parse,
    request_format,
    signature_name,
)
from sandbox.machines.model_server.tensorflow_serving.row_format import row_tensors

_DEFAULT_SIGNATURE = "serving_default"
_TAG = "serve"


@dataclass(frozen=True)
class Signature:
    """The inputs and outputs of one signature, by alias, and in the order of `run`."""

    inputs: dict[str, InputType]
    outputs: list[str]
    run: Callable[..., list[Any]]


class Servable:
    """One version; `predict` may be called from any thread."""

    def __init__(self, folder: pathlib.Path, session_config: Any) -> None:
        graph = Graph()
        self._session = Session(graph=graph, config=session_config)
        with graph.as_default():
            loaded = load(self._session, [_TAG], str(folder))
        found = {name: definition for name, definition in loaded.signature_def.items() if definition.outputs}
        self._signatures = {name: self._signature_of(each) for name, each in found.items() if each.inputs}
        self._without_inputs = found.keys() - self._signatures.keys()

    def predict(self, body: bytes) -> bytes:
        """Answer the body of a :predict request. Raises ServingError."""
        document = parse(body)
        signature = self._signature(signature_name(document))
        written = request_format(document)
        value = document[written.value]
        to_tensors = row_tensors if written is Format.ROW else columnar_tensors
        return predict_response.answer(self._run(signature, to_tensors(value, signature.inputs)), written)

    def _signature(self, asked_for: str) -> Signature:
        name = asked_for or _DEFAULT_SIGNATURE
        if name in self._without_inputs:
            raise ServingError(f"Failed to get input map for signature: {asked_for or 'DEFAULT'}")
        if name not in self._signatures:
            raise ServingError(f'Serving signature name: "{name}" not found in signature def')
        return self._signatures[name]

    def _run(self, signature: Signature, tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        try:
            outputs = signature.run(*(tensors[name] for name in signature.inputs))
        except OpError as error:
            raise ServingError(error.message, status_of(error.error_code)) from error
        # A string scalar comes as bytes, everything else as an array.
        return {
            name: np.asarray(array, dtype=object if isinstance(array, bytes) else None)
            for name, array in zip(signature.outputs, outputs, strict=True)
        }

    def _signature_of(self, definition: Any) -> Signature:
        """A signature with inputs of any shape, as in TensorFlow Serving.

        The operations alone judge shapes; Python's Session.run would compare them with the signature. Source:
        tensorflow/serving, issues 1436 and 1527 ("does not do any input shape verification").
        """
        inputs = dict(sorted(definition.inputs.items()))
        options = CallableOptions(
            feed=[info.name for info in inputs.values()],
            fetch=[info.name for info in definition.outputs.values()],
        )
        return Signature(
            {alias: _input_type(info.dtype) for alias, info in inputs.items()},
            list(definition.outputs),
            self._session._make_callable_from_options(options),
        )


def _input_type(code: int) -> InputType:
    found = as_dtype(code)
    name = {"float32": "float", "float64": "double"}.get(found.name, found.name)
    return InputType(name, np.dtype(found.as_numpy_dtype))


def model_status(versions: list[int]) -> bytes:
    """The answer to a status request for loaded versions (GetModelStatusResponse)."""
    states = [
        {"version": str(version), "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
        for version in versions
    ]
    return json.dumps({"model_version_status": states}, indent=1).encode()
