"""AWS::Budgets::Budget: a budget, its notifications and its tags, by the Budgets API.

Sources: AWS CloudFormation, "AWS::Budgets::Budget" and its registry schema; AWS Budgets API Reference.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sandbox.frame.host import Host
from sandbox.frame.operations import service_model
from sandbox.frame.property_types import typed
from sandbox.frame.stack_resources import physical_name
from sandbox.frame.validation import validate

Properties = dict[str, Any]
Attributes = dict[str, Any]
_LONGEST_NAME = 100
_MOST_SUBSCRIBERS = {"SNS": 1, "EMAIL": 10}
_JSON = ("CostFilters", "PlannedBudgetLimits")
"""The members that a template may write as JSON in a string."""


class BudgetType:
    """`Ref` is the budget's name. Another name, or other notifications, replace the budget."""

    properties = frozenset(
        {
            "Budget.BudgetLimit",
            "Budget.BudgetName",
            "Budget.BudgetType",
            "Budget.CostFilters",
            "Budget.CostTypes",
            "Budget.FilterExpression",
            "Budget.Metrics",
            "Budget.PlannedBudgetLimits",
            "Budget.TimePeriod",
            "Budget.TimeUnit",
            "NotificationsWithSubscribers",
            "ResourceTags",
        }
    )
    reduced: Mapping[str, str] = {
        "Budget.BudgetLimit": "nothing is spent here: the actual spend stays 0",
        "NotificationsWithSubscribers": "kept and described; no notification is ever due",
    }

    def __init__(self, host: Host) -> None:
        self._host = host

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> tuple[str, Attributes]:
        budget = {"BudgetName": physical_name(stack_name, logical_id, _LONGEST_NAME), **properties["Budget"]}
        request = {
            "Budget": _read(budget),
            "NotificationsWithSubscribers": _checked(properties.get("NotificationsWithSubscribers", [])),
            "ResourceTags": properties.get("ResourceTags", []),
        }
        self._client().create_budget(**self._typed("CreateBudget", request))
        return budget["BudgetName"], self._attributes(budget["BudgetName"])

    def update(self, physical_id: str, old: Properties, new: Properties, stack_name: str) -> tuple[str, Attributes]:
        request = {"NewBudget": _read({"BudgetName": physical_id, **new["Budget"]})}
        self._client().update_budget(**self._typed("UpdateBudget", request))
        self._retag(physical_id, old.get("ResourceTags", []), new.get("ResourceTags", []))
        return physical_id, self._attributes(physical_id)

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Delete the budget, unless it is gone already."""
        client = self._client()
        try:
            client.delete_budget(AccountId=self._host.account, BudgetName=physical_id)
        except client.exceptions.NotFoundException:
            return

    def _attributes(self, name: str) -> Attributes:
        """The attributes, after a read of the budget and its tags (registry schema, "handlers", read)."""
        client = self._client()
        found = client.describe_budget(AccountId=self._host.account, BudgetName=name)["Budget"]
        client.list_tags_for_resource(ResourceARN=self._arn(name))
        return {"Id": found["BudgetName"]}

    def _retag(self, name: str, old: list[dict[str, str]], new: list[dict[str, str]]) -> None:
        if gone := sorted({tag["Key"] for tag in old} - {tag["Key"] for tag in new}):
            self._client().untag_resource(ResourceARN=self._arn(name), ResourceTagKeys=gone)
        if new:
            self._client().tag_resource(ResourceARN=self._arn(name), ResourceTags=new)

    def _arn(self, name: str) -> str:
        return f"arn:aws:budgets::{self._host.account}:budget/{name}"

    def _typed(self, operation: str, request: Properties) -> Properties:
        """The request as the operation's shapes want it: an amount, for one, is a string. Raises ApiError.

        It is validated here, because ministack keeps any amount and any number of subscribers.
        """
        shape = service_model("budgets").operation_model(operation).input_shape
        found = typed(shape, {"AccountId": self._host.account, **request})
        validate(shape, found)
        return found

    def _client(self) -> Any:
        """With the credentials of the stack's role, if it has one."""
        return self._host.client("budgets", self._host.acting())


def _read(budget: Properties) -> Properties:
    """The budget with its JSON members as objects. Raises ValueError."""
    return {name: _object(name, value) if name in _JSON else value for name, value in budget.items()}


def _object(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError(f"Budget.{name} is a string, expected an object or its JSON: {error}") from error


def _checked(notifications: list[Properties]) -> list[Properties]:
    """The notifications, if each has no more subscribers than AWS allows. Raises ValueError."""
    for position, notification in enumerate(notifications):
        types = Counter(each["SubscriptionType"] for each in notification["Subscribers"])
        for name, most in _MOST_SUBSCRIBERS.items():
            if types[name] > most:
                raise ValueError(
                    f"NotificationsWithSubscribers[{position}] has {types[name]} subscribers of type {name}; a "
                    "notification may have one of type SNS, and up to ten of type EMAIL"
                )
    return notifications
