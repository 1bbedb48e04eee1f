"""Each handler answers the media types that it declares, and refuses others by that list."""

from __future__ import annotations

from pathlib import Path

import pytest
from container_lab import Context, FalconError, assert_refused, falcon_present, load, stream

from specs.serving_code import read_media_types

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = sorted(path.parent.name for path in ROOT.glob("training/*/train.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_the_handler_refuses_by_its_declaration(package: str) -> None:
    declared = read_media_types(ROOT, package)
    with falcon_present():
        handler = load(package)
    known = ", ".join(declared.content_types)
    assert_refused(handler, b"x", "image/jpeg", 415, f"Content type image/jpeg is not served: send {known}.")
    with pytest.raises(FalconError) as raised:
        handler.handler(stream(b"x"), Context("http://127.0.0.1:1/", declared.content_types[0], "video/mp4"))
    answers = ", ".join(declared.response_types)
    assert raised.value.to_dict()["error"] == f"Answers are {answers}, and the request accepts only video/mp4."


@pytest.mark.parametrize("package", PACKAGES)
def test_each_declared_type_has_a_reader(package: str) -> None:
    """Bytes of no kind are refused by the type's reader."""
    for content_type in read_media_types(ROOT, package).content_types:
        with falcon_present():
            handler = load(package)
        with pytest.raises(FalconError) as raised:
            handler.handler(stream(b"\xff"), Context("http://127.0.0.1:1/", content_type, "*/*"))
        assert raised.value.status.startswith("400 ")
