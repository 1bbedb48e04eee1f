"""Roles for the tests of permissions, and clients that act as one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError
from job_lab import unique
from own_sandbox import OwnSandbox

ACCOUNT = "000000000000"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, on: str | list[str] = "*", **conditions: dict[str, Any]) -> dict[str, Any]:
    """A statement; conditions by operator: allow("s3:GetObject", StringEquals={"aws:PrincipalTag/team": "a"})."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": on}
    return {**statement, "Condition": conditions} if conditions else statement


def deny(*actions: str, on: str = "*") -> dict[str, Any]:
    return {"Effect": "Deny", "Action": list(actions), "Resource": on}


class IamLab:
    """Makes roles that a service, and this account's root, may assume."""

    def __init__(self, sandbox: OwnSandbox) -> None:
        self.aws, self.url = sandbox.aws, sandbox.url
        self.iam = self.aws("iam")

    def role(self, service: str, *statements: dict[str, Any], **options: Any) -> str:
        """The ARN of a new role with one inline policy."""
        name = unique("role")
        principal = {"Service": f"{service}.amazonaws.com", "AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        trust = document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
        role = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **options)["Role"]["Arn"]
        if statements:
            self.iam.put_role_policy(RoleName=name, PolicyName="policy", PolicyDocument=document(*statements))
        return role

    def as_role(self, role: str, service: str, **config: Any) -> Any:
        """A client with the credentials of a session named "tester"."""
        keys = self.aws("sts").assume_role(RoleArn=role, RoleSessionName="tester")["Credentials"]
        return self.aws(
            service,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
            config=Config(retries={"total_max_attempts": 1}, **config),
        )

    def tester(self, service: str, *statements: dict[str, Any], **options: Any) -> Any:
        """A client of a new role with these statements."""
        return self.as_role(self.role("lambda", *statements, **options), service)


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    """Code and message with which a call is refused; it must be."""
    try:
        answer = call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError(f"it was allowed, and answered {answer}")


def sagemaker_arn(resource: str) -> str:
    return f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:{resource}"
