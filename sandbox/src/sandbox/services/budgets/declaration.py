"""AWS Budgets, as the sandbox offers it: permissions and a resource type on top of ministack's API."""

from __future__ import annotations

from sandbox.frame.host import Host
from sandbox.frame.service import Route, Service
from sandbox.services.budgets.authorization import permissions
from sandbox.services.budgets.budget_type import BudgetType


def declare(host: Host) -> Service:
    """The service, ready to be offered."""
    return Service(
        name="budgets",
        title="AWS Budgets",
        routes=(Route("budgets", "budgets", permissions, target_prefix="AWSBudgetServiceGateway."),),
        resource_types={"AWS::Budgets::Budget": BudgetType(host)},
    )
