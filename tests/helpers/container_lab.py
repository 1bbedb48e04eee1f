"""The part of the container's Python service that calls a handler and answers its errors."""

from __future__ import annotations

import importlib.util
import io
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "inference"


class FalconError(Exception):
    """falcon.HTTPError 3.1.0: only the status is positional, and what falcon writes is to_dict."""

    def __init__(self, status: str, title: str | None = None, description: str | None = None) -> None:
        self.status, self.title, self.description = status, title or status, description

    def to_dict(self, obj_type: type[dict] = dict) -> dict:
        return obj_type(title=self.title, description=self.description)


@dataclass(frozen=True)
class Context:
    """The members that the handler reads."""

    rest_uri: str
    request_content_type: str = "application/json"
    accept_header: str = "application/json"
    timeout: int = 60


@contextmanager
def falcon_present() -> Iterator[None]:
    """A module `falcon`, which the container has and this environment has not."""
    module = types.ModuleType("falcon")
    module.HTTPError = FalconError  # type: ignore[attr-defined]
    before = sys.modules.get("falcon")
    sys.modules["falcon"] = module
    try:
        yield
    finally:
        sys.modules.pop("falcon")
        if before is not None:
            sys.modules["falcon"] = before


def load(package: str) -> ModuleType:
    """A model's handler by its path and outside sys.modules, with its folder on the path: the container's way.

    Each comes with a `serving` of its own, because that one takes falcon's error, or its own where there is no falcon.
    """
    spec = importlib.util.spec_from_file_location("inference", FOLDER / f"{package}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(FOLDER))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(FOLDER))
        sys.modules.pop("serving", None)
    return module


def stream(body: bytes) -> io.BytesIO:
    """A request's body as the handler gets it."""
    return io.BytesIO(body)


def assert_refused(handler: ModuleType, body: bytes, content_type: str, status: int, sentence: str) -> None:
    """The handler answers by itself, with a status and a sentence, without TensorFlow Serving."""
    with pytest.raises(FalconError) as raised:
        handler.handler(stream(body), Context("http://127.0.0.1:1/never-asked", content_type))
    assert raised.value.status.startswith(f"{status} ")
    assert raised.value.to_dict()["error"].startswith(sentence)
