"""The body of a :predict answer, in the format of the request (util/json_tensor.cc)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping

import numpy as np

from sandbox.machines.model_server.tensorflow_serving.errors import ServingError
from sandbox.machines.model_server.tensorflow_serving.predict_request import Format
from sandbox.machines.model_server.tensorflow_serving.rapidjson import decimals

Outputs = Mapping[str, np.ndarray]


def answer(outputs: Outputs, written: Format) -> bytes:
    """The answer's JSON. Raises ServingError for outputs that the row format cannot show."""
    text = _row(outputs) if written is Format.ROW else _columnar(outputs)
    return text.encode("utf-8", "surrogateescape")


def _row(outputs: Outputs) -> str:
    """One value for each example, or one object where there are several outputs."""
    examples = _batch_size(outputs)
    columns = {name: _texts(name, outputs[name]) for name in sorted(outputs)}
    rows = [
        [(name, _nested(texts, outputs[name].shape[1:])) for name, texts in columns.items()] for _ in range(examples)
    ]
    if len(columns) == 1:
        return '{\n    "predictions": [' + ", ".join(row[0][1] for row in rows) + "\n    ]\n}"
    objects = (",\n            ".join(f"{json.dumps(name)}: {text}" for name, text in row) for row in rows)
    body = ",".join("\n        {\n            " + members + "\n        }" for members in objects)
    return '{\n    "predictions": [' + body + "\n    ]\n}"


def _columnar(outputs: Outputs) -> str:
    texts = {name: _nested(_texts(name, array), array.shape) for name, array in sorted(outputs.items())}
    if len(texts) == 1:
        return '{\n    "outputs": ' + next(iter(texts.values())) + "\n}"
    members = ",\n        ".join(f"{json.dumps(name)}: {text}" for name, text in texts.items())
    return '{\n    "outputs": {\n        ' + members + "\n    }\n}"


def _batch_size(outputs: Outputs) -> int:
    size: int | None = None
    for name, array in sorted(outputs.items()):
        if not array.shape:
            raise ServingError(f"Tensor name: {name} has no shape information ")
        if size is not None and array.shape[0] != size:
            raise ServingError(f"Tensor name: {name} has inconsistent batch size: {array.shape[0]} expecting: {size}")
        size = array.shape[0]
    if size is None:
        raise ServingError("Cannot convert empty tensor map to JSON")
    return size


def _texts(name: str, array: np.ndarray) -> Iterator[str]:
    """Each element as JSON, in order."""
    kind = array.dtype.kind
    if kind == "f" and array.dtype.itemsize >= 4:
        return iter(decimals(array))
    if kind in "iu":
        return iter(map(str, array.reshape(-1).tolist()))
    if kind == "b":
        return iter(["true" if value else "false" for value in array.reshape(-1).tolist()])
    if kind in "OS":
        write = _base64 if name.endswith("_bytes") else _string
        return iter([write(value) for value in array.reshape(-1).tolist()])
    raise ServingError(f"Failed to write JSON value for tensor type: {array.dtype.name}")


def _nested(texts: Iterator[str], shape: tuple[int, ...]) -> str:
    """The next elements as nested lists of the shape; a single element for rank 0."""
    if not shape:
        return next(texts)
    return "[" + ", ".join(_nested(texts, shape[1:]) for _ in range(shape[0])) + "]"


def _string(value: bytes) -> str:
    return json.dumps(value.decode("utf-8", "surrogateescape"), ensure_ascii=False)


def _base64(value: bytes) -> str:
    return json.dumps({"b64": base64.b64encode(value).decode()})
