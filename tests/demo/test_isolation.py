"""The demo cannot touch a real account, whatever the caller's shell points to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from demo import environment

ROOT = Path(__file__).resolve().parents[2]
DANGEROUS = {
    "AWS_PROFILE": "production",
    "AWS_SESSION_TOKEN": "token",
    "AWS_ACCESS_KEY_ID": "AKIAREAL",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_ENDPOINT_URL_S3": "https://s3.amazonaws.com",
    "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/admin",
    "AWS_CONFIG_FILE": "/home/me/.aws/config",
    "CDK_DEFAULT_ACCOUNT": "123456789012",
}


def test_every_aws_setting_of_the_caller_is_replaced() -> None:
    script = (
        "import json, os, pathlib; from demo.environment import isolate; isolate(pathlib.Path.cwd());"
        "print(json.dumps({k: v for k, v in os.environ.items() if k.startswith(('AWS_', 'CDK_'))}))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, **DANGEROUS, "SANDBOX_PORT": "4999"},
        check=True,
        capture_output=True,
        text=True,
    )
    left = json.loads(printed.stdout)
    assert left["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4999"
    assert left["CDK_DEFAULT_ACCOUNT"] == "000000000000"
    assert left["AWS_CONFIG_FILE"] == os.devnull
    assert {name for name, value in left.items() if value == DANGEROUS.get(name)} == set()
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "AWS_ROLE_ARN"} & set(left)


def test_export_lines_are_read_as_a_shell_reads_them() -> None:
    lines = ["unset AWS_PROFILE", "export A=1", "export B='two words'", "export C=a=b", "echo export D=1"]
    assert environment.exports(lines) == {"A": "1", "B": "two words", "C": "a=b"}
