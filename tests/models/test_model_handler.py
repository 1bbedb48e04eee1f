"""A model's handler answers the media types that it declares, and no others."""

from __future__ import annotations

import pytest
from container_lab import Context, FalconError, assert_refused, falcon_present, load, stream
from declared_models import ROOT, Found

from specs.serving_code import read_media_types


def test_it_refuses_by_its_declaration(declared_model: Found) -> None:
    declared = read_media_types(ROOT, declared_model.package)
    with falcon_present():
        handler = load(declared_model.package)
    known = ", ".join(declared.content_types)
    assert_refused(handler, b"x", "video/mp4", 415, f"Content type video/mp4 is not served: send {known}.")
    with pytest.raises(FalconError) as raised:
        handler.handler(stream(b"x"), Context("http://127.0.0.1:1/", declared.content_types[0], "video/mp4"))
    answers = ", ".join(declared.response_types)
    assert raised.value.to_dict()["error"] == f"Answers are {answers}, and the request accepts only video/mp4."


def test_each_declared_type_has_a_reader(declared_model: Found) -> None:
    """Bytes of no kind are refused by the type's reader."""
    for content_type in read_media_types(ROOT, declared_model.package).content_types:
        with falcon_present():
            handler = load(declared_model.package)
        with pytest.raises(FalconError) as raised:
            handler.handler(stream(b"\xff"), Context("http://127.0.0.1:1/", content_type, "*/*"))
        assert raised.value.status.startswith("400 ")
