"""Our forms of names are narrower than AWS's: whatever passes here passes there."""

from __future__ import annotations

import re
from typing import Any

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from specs import fields

SAGEMAKER = botocore.session.Session().get_service_model("sagemaker")
LETTERS = st.text(alphabet="abzAZ019-_./:+ *", min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("type_", "prefix", "shape"),
    [
        (fields.ModelName, "slipway-dev-", "EndpointName"),
        (fields.ModelName, "slipway-dev-", "EntityName"),
        (fields.EnvironmentName, "slipway-", "EndpointName"),
        (fields.MetricName, "", "MetricName"),
        (fields.HyperparameterName, "", "HyperParameterKey"),
        (fields.MediaType, "", "ContentType"),
        (fields.MediaType, "", "ResponseMIMEType"),
    ],
)
def test_names_pass_at_aws(type_: Any, prefix: str, shape: str) -> None:
    limits = SAGEMAKER.shape_for(shape).metadata
    adapter = TypeAdapter(type_)
    passed = []

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(
        LETTERS
        | st.from_regex("[a-z]{1,8}(-[a-z0-9]{1,8}){0,3}", fullmatch=True)
        | st.from_regex("[a-z]{1,5}/[a-z*+.-]{1,5}", fullmatch=True)
    )
    def check(text: str) -> None:
        try:
            adapter.validate_python(text)
        except ValidationError:
            return
        passed.append(text)
        assert re.fullmatch(limits["pattern"], prefix + text)
        assert limits["min"] <= len(prefix + text) <= limits["max"]

    check()
    assert passed
