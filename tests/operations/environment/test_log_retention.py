"""The days of SageMaker's log groups, by the environments that share an account."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from outcome import ROOT

from operations.environment.log_retention import ACCOUNT_WIDE, LogGroup, find, keep
from specs import Specs, load

ENDPOINT = "/aws/sagemaker/Endpoints/slipway-dev-digits-cnn"


class Logs:
    """CloudWatch Logs with some groups, and the connection of an environment to it."""

    def __init__(self, environment: Any, days: dict[str, int | None]) -> None:
        self.environment = environment
        self.days = dict(days)

    def client(self, _: str) -> Any:
        return self

    def describe_log_groups(self, logGroupNamePrefix: str) -> dict[str, Any]:
        return {
            "logGroups": [
                {"logGroupName": name, "storedBytes": 5, **({"retentionInDays": value} if value else {})}
                for name, value in sorted(self.days.items())
                if name.startswith(logGroupNamePrefix)
            ]
        }

    def create_log_group(self, logGroupName: str) -> None:
        assert logGroupName not in self.days
        self.days[logGroupName] = None

    def put_retention_policy(self, logGroupName: str, retentionInDays: int) -> None:
        assert logGroupName in self.days, "the group must exist"
        self.days[logGroupName] = retentionInDays


@pytest.fixture
def specs() -> Specs:
    """`dev` keeps logs for 30 days, `prod` for 365, in one account and region."""
    loaded = load(ROOT)
    dev, prod = loaded.environment("dev"), loaded.environment("prod")
    here = {"account": "333333333333", "region": "eu-west-1"}
    short = dev.model_copy(update=here | {"retention": dev.retention.model_copy(update={"log_days": 30})})
    long = prod.model_copy(update=here | {"retention": prod.retention.model_copy(update={"log_days": 365})})
    return SimpleNamespace(environments=(short, long), models=loaded.models)  # type: ignore[return-value]


def test_groups_of_jobs_take_the_longest_days_of_the_account_and_endpoints_their_own(specs: Specs) -> None:
    aws = Logs(specs.environments[0], {ACCOUNT_WIDE[0]: None, ENDPOINT: None, f"{ENDPOINT}-v2": None})
    found = find(aws, specs)  # type: ignore[arg-type]
    assert [(group.name, group.exists, group.wanted, group.changes) for group in found] == [
        (ACCOUNT_WIDE[0], True, 365, True),
        (ACCOUNT_WIDE[1], False, 365, True),
        (ENDPOINT, True, 30, True),
    ]
    for group in found:
        keep(aws, group)  # type: ignore[arg-type]
    assert aws.days == {ACCOUNT_WIDE[0]: 365, ACCOUNT_WIDE[1]: 365, ENDPOINT: 30, f"{ENDPOINT}-v2": None}
    assert not any(group.changes for group in find(aws, specs))  # type: ignore[arg-type]


def test_environments_elsewhere_do_not_count(specs: Specs) -> None:
    short, long = specs.environments
    elsewhere = SimpleNamespace(
        environments=(short, long.model_copy(update={"region": "us-east-1"})), models=specs.models
    )
    assert {group.wanted for group in find(Logs(short, {}), elsewhere)} == {30}  # type: ignore[arg-type]


@pytest.mark.parametrize(("days", "changes"), [(None, True), (30, True), (365, False), (3653, False)])
def test_days_are_raised_and_never_lowered(days: int | None, changes: bool) -> None:
    assert LogGroup("a", exists=True, days=days, stored_bytes=0, wanted=365).changes == changes
