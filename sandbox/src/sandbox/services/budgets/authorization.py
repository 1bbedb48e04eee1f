"""The permissions that the calls of AWS Budgets demand: two actions stand for most operations.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Budget Service".
"""

from __future__ import annotations

from typing import Any

from sandbox.frame.host import ACCOUNT
from sandbox.frame.permissions import Permission

_OWN_ACTIONS = frozenset({"ListTagsForResource", "TagResource", "UntagResource"})
"""The operations with an action of their own name."""


def permissions(operation: str, path: str, request: dict[str, Any]) -> list[Permission]:
    """The action of an operation on its budget; tags at creation demand one more."""
    budget = _arn(request)
    if operation in _OWN_ACTIONS:
        return [Permission(f"budgets:{operation}", budget)]
    own = Permission("budgets:ViewBudget" if operation.startswith("Describe") else "budgets:ModifyBudget", budget)
    return [own, Permission("budgets:TagResource", budget)] if request.get("ResourceTags") else [own]


def _arn(request: dict[str, Any]) -> str:
    budget = request.get("Budget") or request.get("NewBudget") or request
    name = budget.get("BudgetName", "*")
    return str(request.get("ResourceARN") or f"arn:aws:budgets::{ACCOUNT}:budget/{name}")
