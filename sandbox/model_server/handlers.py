"""The archive's inference.py, called as the container's Python service calls it.

What a handler raises becomes status 500 with its text: the container knows no other status for it.
"""

from __future__ import annotations

import importlib.abc
import io
import re
import runpy
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

import requests

from sandbox.model_server.archive import Archive, BadArchive

ABSENT = ("tensorflow", "keras")
"""Packages that this machine has, and the inference container has not."""
METHODS = ("predict", "classify", "regress")
TIMEOUT_SECONDS = 60


class Context(NamedTuple):
    """What a handler is told of a request; the container's members under the container's names."""

    model_name: str | None
    model_version: str | None
    method: str | None
    rest_uri: str
    grpc_port: int | None
    channel: Any
    custom_attributes: str | None
    request_content_type: str
    accept_header: str
    content_length: int | None
    timeout: int


class BadAttributes(Exception):
    """When the custom attributes name no model, version or method that there can be."""


Handler = Callable[[io.BytesIO, Context], tuple[bytes | str, str]]


class _AsInTheContainer(importlib.abc.MetaPathFinder):
    def find_spec(self, name: str, path: Any = None, target: ModuleType | None = None) -> None:
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named '{name}': the inference container does not hold it", name=name)


def load_handler(archive: Archive) -> Handler:
    """Import inference.py. Raises BadArchive when it cannot be imported or defines no handler."""
    sys.meta_path.insert(0, _AsInTheContainer())
    if archive.library:
        sys.path.append(str(archive.library))
    try:
        module = runpy.run_path(str(archive.inference), run_name="inference")
    except Exception as error:
        raise BadArchive(f"code/inference.py cannot be imported: {type(error).__name__}: {error}") from error
    if "handler" in module:
        return module["handler"]
    if "input_handler" in module and "output_handler" in module:
        return _joined(module["input_handler"], module["output_handler"])
    raise BadArchive("code/inference.py must define handler, or input_handler and output_handler.")


def _joined(input_handler: Callable, output_handler: Callable) -> Handler:
    session = requests.Session()

    def handler(data: io.BytesIO, context: Context) -> tuple[bytes | str, str]:
        response = session.post(context.rest_uri, data=input_handler(data, context), timeout=context.timeout)
        return output_handler(response, context)

    return handler


def context_of(headers: dict[str, str], length: int, rest_port: int, model_name: str) -> Context:
    """The context of a request, from its headers in lower case. Raises BadAttributes."""
    custom = headers.get("x-amzn-sagemaker-custom-attributes")
    found = re.findall(r"(tfs-[a-z\-]+)=([^,]+)", custom or "")
    attributes = {name: value.strip() for name, value in found}
    name, version = attributes.get("tfs-model-name"), attributes.get("tfs-model-version")
    method = attributes.get("tfs-method")
    if name is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}", name):
        raise BadAttributes("invalid tfs-model-name")
    if version is not None and not version.isdigit():
        raise BadAttributes("invalid tfs-model-version: must be a positive integer")
    if method is not None and method not in METHODS:
        raise BadAttributes("invalid tfs-method: must be one of predict|classify|regress")
    path = f"{name or model_name}{f'/versions/{version}' if version else ''}:{method or 'predict'}"
    return Context(
        name,
        version,
        method,
        f"http://127.0.0.1:{rest_port}/v1/models/{path}",
        None,
        None,
        custom,
        headers.get("content-type") or "application/json",
        headers.get("accept") or "application/json",
        length,
        TIMEOUT_SECONDS,
    )
