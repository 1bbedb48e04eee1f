"""The report on access: what roles used, what they never used; it survives whatever ends the sandbox."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from iam_lab import IamLab, allow, refusal
from own_sandbox import OwnSandbox
from sandbox.access import Permission, RoleAccess, Statement, allowed_by, allowed_without, permissions
from sandbox.access.show import summary
from sandbox.corrections.iam.access_record import AccessRecord, Use, read

USE = Use("reader", "s3:GetObject", "arn:aws:s3:::b/*", "tester", False, "arn:aws:s3:::b/a", {"s3:prefix": "a"})


def another(**changes: Any) -> Use:
    return dataclasses.replace(USE, **changes)


def test_a_use_is_written_at_once_and_counted_later(tmp_path: Path) -> None:
    path = tmp_path / "access.jsonl"
    record = AccessRecord(path)
    record.note(another())
    record.note(another(resource="arn:aws:s3:::b/b"))
    assert [use.count for use in read(path)] == [1], "killed now, the sandbox has lost a count and no use"
    record.close()
    (use,) = read(path)
    assert (use.count, use.resource) == (2, "arn:aws:s3:::b/a")


def test_counts_of_two_lives_add_up(tmp_path: Path) -> None:
    path = tmp_path / "access.jsonl"
    for _ in range(2):
        record = AccessRecord(path)
        record.note(another())
        record.close()
    assert [use.count for use in read(path)] == [2]
    assert len(path.read_text().splitlines()) == 1


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "access.jsonl"
    AccessRecord(path).note(another())
    path.write_text(path.read_text() + '{"role": "rea')
    assert [use.role for use in read(path)] == ["reader"]


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        (allow("s3:GetObject", on="arn:aws:s3:::b/*"), True),
        (allow("s3:Get*", on="*", StringLike={"s3:prefix": "a*"}), True),
        (allow("s3:GetObject", on="*", StringLike={"s3:prefix": "b*"}), False),
        (allow("s3:GetObject", on="arn:aws:s3:::other/*"), False),
        (allow("s3:PutObject"), False),
    ],
)
def test_a_recorded_use_is_decided_anew(body: dict[str, Any], allowed: bool) -> None:
    (permission,) = permissions([Statement("reader", "policy", body, 0)])
    assert allowed_by(permission, USE) is allowed


def test_what_two_statements_allow_is_missed_by_neither() -> None:
    twice = [Statement("reader", "policy", allow("s3:GetObject"), n) for n in range(2)]
    first, second = permissions(twice)
    assert allowed_without(first, [first, second], USE)
    assert not allowed_without(first, [first], USE)


def test_the_command_tells_used_refused_and_never_used(sandbox: OwnSandbox) -> None:
    iam = IamLab(sandbox)
    role = iam.role("lambda", allow("sagemaker:ListModels", "sagemaker:ListEndpoints"))
    client, name = iam.as_role(role, "sagemaker"), role.rpartition("/")[2]
    client.list_models()
    refusal(client.list_endpoint_configs)
    (found,) = json.loads(sandbox.run("access", "--role", name, "--json"))
    assert found["used"] == [{"action": "sagemaker:ListModels", "resource": "*", "by": "session tester", "count": 1}]
    assert [use["action"] for use in found["refused"]] == ["sagemaker:ListEndpointConfigs"]
    never = {"policy": "policy", "statement": 0, "action": "sagemaker:ListEndpoints", "resources": ["*"]}
    assert found["unused"] == [never]
    counted = sandbox.run("access", "--role", name).splitlines()
    assert [line.split() for line in counted[1:2]] == [["1", "1", "1", name]]
    assert f"{name} was refused" in counted
    assert "  REFUSED    sagemaker:ListEndpointConfigs" in counted
    assert "Every permission of a role: python -m sandbox access --details --role NAME" in counted
    said = sandbox.run("access", "--role", name, "--details")
    assert "never used sagemaker:ListEndpoints  (statement 0 of policy)" in said
    assert "REFUSED    sagemaker:ListEndpointConfigs" in said


def test_the_summary_has_a_row_for_each_role_and_refusals_first() -> None:
    reader, writer = (RoleAccess(name, [another(role=name)], [], []) for name in ("a-reader", "writer"))
    refused = dataclasses.replace(writer, refused=[another(role="writer", action="s3:PutObject", refused=True)])
    assert list(summary([reader, refused])) == [
        "used  refused  never used  role (numbers of actions)",
        "   1        1           0  writer",
        "   1        0           0  a-reader",
        "\nwriter was refused",
        "  REFUSED    s3:PutObject",
        "             arn:aws:s3:::b/*  (1 times by tester)",
    ]


def test_a_permission_is_one_action_of_one_statement() -> None:
    statements = [
        Statement("r", "p", allow("a:B", "a:C"), 0),
        Statement("r", "p", {"Effect": "Deny", "Action": "a:B"}, 1),
    ]
    assert permissions(statements) == [Permission(statements[0], "a:B"), Permission(statements[0], "a:C")]
