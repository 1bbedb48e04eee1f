"""The context of a request in AWS's container (tfs_utils.py)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple, NoReturn

from sandbox.machines.model_server.attributes import ATTRIBUTES_HEADER, METHODS, MODEL_NAME, VERSION

_ATTRIBUTE = re.compile(r"tfs-[a-z\-]+=[^,]+")


class NoGrpc:
    """A stand-in for the gRPC channel and port, which raises at any use."""

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(
            f"{name}: the sandbox's model server speaks REST only; post to context.rest_uri instead of using gRPC"
        )


class Context(NamedTuple):
    """AWS's fields in AWS's order; `rest_uri` is TensorFlow Serving's URL for this request."""

    model_name: str | None
    model_version: str | None
    method: str | None
    rest_uri: str
    grpc_port: object
    channel: object
    custom_attributes: str | None
    request_content_type: str
    accept_header: str
    content_length: int | None
    timeout: int


def make_context(headers: Mapping[str, str], tfs_port: int, default_model: str, timeout: int) -> Context:
    """Build the context of a request. Raises ValueError for a tfs- attribute that AWS answers with 400."""
    attributes = _tfs_attributes(headers.get(ATTRIBUTES_HEADER))
    length = headers.get("content-length")
    return Context(
        attributes.get("tfs-model-name"),
        attributes.get("tfs-model-version"),
        attributes.get("tfs-method"),
        _rest_uri(tfs_port, attributes, default_model),
        NoGrpc(),
        NoGrpc(),
        headers.get(ATTRIBUTES_HEADER),
        headers.get("content-type") or "application/json",
        headers.get("accept") or "application/json",
        int(length) if length else None,
        timeout,
    )


def _tfs_attributes(header: str | None) -> dict[str, str]:
    pairs = (attribute.split("=", 1) for attribute in _ATTRIBUTE.findall(header or ""))
    return dict(pairs)


def _rest_uri(port: int, attributes: Mapping[str, str], default_model: str) -> str:
    name = attributes.get("tfs-model-name")
    version = attributes.get("tfs-model-version")
    method = attributes.get("tfs-method", "predict")
    if name is not None and not MODEL_NAME.fullmatch(name):
        raise ValueError("invalid tfs-model-name")
    if version is not None and not VERSION.fullmatch(version):
        raise ValueError("invalid tfs-model-version: must be a positive integer")
    if method not in METHODS:
        raise ValueError("invalid tfs-method: must be one of predict|classify|regress")
    versioned = f"/versions/{version}" if version else ""
    return f"http://127.0.0.1:{port}/v1/models/{name or default_model}{versioned}:{method}"
