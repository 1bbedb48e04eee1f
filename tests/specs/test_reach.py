"""A shell that points elsewhere than to the environment gets the line to type."""

from __future__ import annotations

import pytest
from own_sandbox import ROOT, free_port

from specs import Specs, load
from specs.reach import POINT, START, misdirected, unreachable

HERE = "http://127.0.0.1:4566"


@pytest.fixture(scope="module")
def specs() -> Specs:
    return load(ROOT)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "AWS_ENDPOINT_URL is not set"),
        ({"AWS_PROFILE": "production"}, "AWS_ENDPOINT_URL is not set"),
        ({"AWS_ENDPOINT_URL": ""}, "AWS_ENDPOINT_URL is not set"),
        ({"AWS_ENDPOINT_URL": "https://sts.amazonaws.com"}, "AWS_ENDPOINT_URL is 'https://sts.amazonaws.com'"),
        (
            {"AWS_ENDPOINT_URL": HERE, "AWS_ENDPOINT_URL_S3": "https://s3.amazonaws.com"},
            "AWS_ENDPOINT_URL_S3 is 'https://s3.amazonaws.com'",
        ),
        (
            {"AWS_ENDPOINT_URL": HERE, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "True"},
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is set",
        ),
    ],
)
def test_local_is_the_sandbox_and_nothing_else(specs: Specs, variables: dict[str, str], said: str) -> None:
    found = misdirected(specs.environment("local"), variables)
    assert found == f"Environment local exists only on the sandbox, and {said}. Type: {START} && {POINT}"


def test_an_account_is_not_the_sandbox(specs: Specs) -> None:
    found = misdirected(specs.environment("prod"), {"AWS_ENDPOINT_URL": HERE})
    assert found is not None
    assert found.startswith("Environment prod is in account 222222222222, and this shell points to the sandbox")
    assert "Open a new shell" in found


def test_a_shell_that_fits_is_told_nothing(specs: Specs) -> None:
    assert misdirected(specs.environment("local"), {"AWS_ENDPOINT_URL": HERE, "AWS_ENDPOINT_URL_S3": HERE}) is None
    assert misdirected(specs.environment("prod"), {}) is None
    assert misdirected(specs.environment("prod"), {"AWS_ENDPOINT_URL": "https://vpce-1.sts.amazonaws.com"}) is None
    assert unreachable(specs.environment("prod"), {}) is None


def test_a_sandbox_that_is_down_is_told(specs: Specs) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    found = unreachable(specs.environment("local"), {"AWS_ENDPOINT_URL": url})
    assert found == f"The sandbox does not answer at {url}. Type: {START} && {POINT}"
