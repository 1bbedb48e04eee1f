"""One audited resource as data: its properties, their changed values, and the API calls that read it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Properties = Mapping[str, Any]

ACCOUNT = "000000000000"
TAGS = [{"Key": "team", "Value": "digits"}]
OTHER_TAGS = [{"Key": "colour", "Value": "red"}]

CODE = "def handler(event, context):\n    return 'hello'\n"


@dataclass(frozen=True)
class Read:
    """One call of a service's API; references in the request are resolved in the stack."""

    service: str
    operation: str
    request: Properties
    answer: str = "@"
    """The JMESPath of the resource in the answer."""


@dataclass(frozen=True)
class Row:
    """A resource of a stack of the audit."""

    type_name: str
    properties: Properties = field(default_factory=dict)
    changed: Properties = field(default_factory=dict)
    """The values of the stack's update; the resource has to keep its physical id."""
    reads: tuple[Read, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    """Property -> JMESPath in what was read, where the service has other words than CloudFormation."""
    unread: frozenset[str] = frozenset()
    """Properties that no API shows: each says why beside it."""
    after: tuple[str, ...] = ()
    """The rows that it depends on without a reference."""
    stays: bool = False
    """True if its API has an answer after the deletion, too."""


def ref(name: str) -> dict[str, Any]:
    return {"Ref": name}


def attribute(name: str, of: str = "Arn") -> dict[str, Any]:
    return {"Fn::GetAtt": [name, of]}


def trust(service: str) -> dict[str, Any]:
    """The trust policy of a role for a service."""
    principal = {"Service": f"{service}.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def grant(*actions: str) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}


def role(service: str, *actions: str) -> Row:
    """A role that only other rows need; its own type is audited elsewhere."""
    policies = [{"PolicyName": "own", "PolicyDocument": grant(*actions)}] if actions else []
    return Row("AWS::IAM::Role", {"AssumeRolePolicyDocument": trust(service), "Policies": policies})


def function() -> Row:
    """A function with the role of the row `Role`, which only other rows need."""
    properties = {"Code": {"ZipFile": CODE}, "Handler": "index.handler", "Runtime": "python3.12"}
    return Row("AWS::Lambda::Function", {**properties, "Role": attribute("Role")})
