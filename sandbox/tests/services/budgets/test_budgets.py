"""AWS::Budgets::Budget: created, changed in place, replaced and deleted by stacks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError
from iam_lab import IamLab, allow, refusal
from job_lab import unique
from template_lab import Stack, Template, resource, template
from waiting import WAITER

ACCOUNT = "000000000000"
MONTHLY = {"BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": {"Amount": 100, "Unit": "USD"}}
AT_80_PERCENT = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80}
TEAM = {"SubscriptionType": "EMAIL", "Address": "team@example.com"}
TOPIC = {"SubscriptionType": "SNS", "Address": f"arn:aws:sns:us-east-1:{ACCOUNT}:costs"}


@pytest.fixture
def budgets(aws: Callable[[str], Any]) -> Any:
    return aws("budgets")


def budget(properties: dict[str, Any] = MONTHLY, **beside: Any) -> Template:
    return template(Budget=resource("AWS::Budgets::Budget", Budget=properties, **beside))


def described(budgets: Any, name: str) -> dict[str, Any]:
    return budgets.describe_budget(AccountId=ACCOUNT, BudgetName=name, ShowFilterExpression=True)["Budget"]


def tags(budgets: Any, name: str) -> dict[str, str]:
    arn = f"arn:aws:budgets::{ACCOUNT}:budget/{name}"
    return {tag["Key"]: tag["Value"] for tag in budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"]}


def test_a_budget_without_a_name_gets_one_that_is_its_ref(stack: Stack, budgets: Any) -> None:
    body = budget() | {"Outputs": {"Name": {"Value": {"Ref": "Budget"}}}}
    name = stack.deploy(body)["Name"]
    assert re.fullmatch(f"{stack.name}-Budget-[A-Za-z0-9]{{12}}", name)
    assert described(budgets, name)["BudgetLimit"] == {"Amount": "100", "Unit": "USD"}
    assert tags(budgets, name) == {
        "aws:cloudformation:stack-name": stack.name,
        "aws:cloudformation:stack-id": stack.cloudformation.describe_stacks(StackName=stack.name)["Stacks"][0][
            "StackId"
        ],
        "aws:cloudformation:logical-id": "Budget",
    }


def test_what_a_template_says_is_read_back(stack: Stack, budgets: Any) -> None:
    name = unique("budget")
    properties = {
        "BudgetName": name,
        "BudgetType": "COST",
        "TimeUnit": "ANNUALLY",
        "PlannedBudgetLimits": {"1735689600": {"Amount": 5, "Unit": "USD"}},
        "CostFilters": {"Service": ["Amazon SageMaker"]},
        "CostTypes": {"IncludeTax": "false"},
        "TimePeriod": {"Start": "1735689600", "End": "2087-06-15T00:00:00Z"},
    }
    notified = {"Notification": AT_80_PERCENT, "Subscribers": [TOPIC, TEAM]}
    stack.deploy(budget(properties, NotificationsWithSubscribers=[notified], ResourceTags=[{"Key": "a", "Value": "1"}]))
    found = described(budgets, name)
    assert found["PlannedBudgetLimits"] == {"1735689600": {"Amount": "5", "Unit": "USD"}}
    assert found["CostFilters"] == properties["CostFilters"]
    assert found["CostTypes"] == {"IncludeTax": False}
    assert [found["TimePeriod"][end].year for end in ("Start", "End")] == [2025, 2087]
    assert tags(budgets, name)["a"] == "1"
    asked = {"AccountId": ACCOUNT, "BudgetName": name}
    (notification,) = budgets.describe_notifications_for_budget(**asked)["Notifications"]
    assert notification == {**AT_80_PERCENT, "ThresholdType": "PERCENTAGE", "NotificationState": "OK"}
    subscribers = budgets.describe_subscribers_for_notification(**asked, Notification=notification)["Subscribers"]
    assert subscribers == [TOPIC, TEAM]


def test_a_filter_expression_and_metrics_are_read_back(stack: Stack, budgets: Any) -> None:
    filtered = {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon SageMaker"]}}
    stack.deploy(budget({**MONTHLY, "FilterExpression": filtered, "Metrics": ["UnblendedCost"]}))
    found = described(budgets, stack.physical_id("Budget"))
    assert (found["FilterExpression"], found["Metrics"]) == (filtered, ["UnblendedCost"])


def test_json_in_a_string_is_read(stack: Stack, budgets: Any) -> None:
    stack.deploy(budget({**MONTHLY, "CostFilters": '{"Service": ["AWS Lambda"]}'}))
    assert described(budgets, stack.physical_id("Budget"))["CostFilters"] == {"Service": ["AWS Lambda"]}


def test_limit_and_tags_change_in_place(stack: Stack, budgets: Any) -> None:
    stack.deploy(budget(ResourceTags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}]))
    name = stack.physical_id("Budget")
    stack.deploy(
        budget(
            {**MONTHLY, "BudgetLimit": {"Amount": "250.5", "Unit": "USD"}}, ResourceTags=[{"Key": "b", "Value": "2"}]
        )
    )
    assert stack.physical_id("Budget") == name
    assert described(budgets, name)["BudgetLimit"]["Amount"] == "250.5"
    assert {key: value for key, value in tags(budgets, name).items() if not key.startswith("aws:")} == {"b": "2"}
    assert len(tags(budgets, name)) == 4, "the stack's own tags stay"


def test_a_new_name_and_new_notifications_replace_the_budget(stack: Stack, budgets: Any) -> None:
    first, second = unique("budget"), unique("budget")
    stack.deploy(budget({**MONTHLY, "BudgetName": first}))
    stack.deploy(budget({**MONTHLY, "BudgetName": second}))
    assert stack.physical_id("Budget") == second
    with pytest.raises(budgets.exceptions.NotFoundException):
        described(budgets, first)

    stack.deploy(budget())
    generated = stack.physical_id("Budget")
    notified = {"Notification": AT_80_PERCENT, "Subscribers": [TEAM]}
    stack.deploy(budget(NotificationsWithSubscribers=[notified]))
    assert stack.physical_id("Budget") not in (second, generated)


def test_a_budget_goes_with_its_stack_though_it_is_gone_already(stack: Stack, budgets: Any) -> None:
    stack.deploy(budget())
    name = stack.physical_id("Budget")
    budgets.delete_budget(AccountId=ACCOUNT, BudgetName=name)
    stack.delete()
    stack.deploy(budget())
    name = stack.physical_id("Budget")
    stack.delete()
    with pytest.raises(budgets.exceptions.NotFoundException):
        described(budgets, name)


@pytest.mark.parametrize(
    ("properties", "sentence"),
    [
        ({"Budget": {**MONTHLY, "AutoAdjustData": {"AutoAdjustType": "FORECAST"}}}, "Budget.AutoAdjustData"),
        ({"Budget": {**MONTHLY, "BillingViewArn": "arn:aws:billing::1:billingview/x"}}, "Budget.BillingViewArn"),
        ({"Budget": {"BudgetType": "COST"}}, "Properties.Budget.TimeUnit is required"),
        ({"Budget": MONTHLY, "Limit": 5}, "Properties.Limit is unknown"),
    ],
)
def test_templates_that_are_refused(stack: Stack, properties: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ClientError, match=sentence):
        stack.deploy(template(Budget=resource("AWS::Budgets::Budget", **properties)))


@pytest.mark.parametrize(
    ("properties", "sentence"),
    [
        ({"Budget": {**MONTHLY, "TimeUnit": "WEEKLY"}}, "Value 'WEEKLY' at 'budget.timeUnit' failed to satisfy"),
        ({"Budget": {**MONTHLY, "CostFilters": "Service=x"}}, "Budget.CostFilters is a string, expected an object"),
        ({"Budget": {**MONTHLY, "TimePeriod": {"Start": "some day"}}}, "can not be converted to timestamp"),
        (
            {
                "Budget": MONTHLY,
                "NotificationsWithSubscribers": [{"Notification": AT_80_PERCENT, "Subscribers": [TOPIC, TOPIC]}],
            },
            r"NotificationsWithSubscribers\[0\] has 2 subscribers of type SNS",
        ),
        ({"Budget": MONTHLY, "ResourceTags": [{"Key": "a"}]}, "Value null at 'resourceTags.1.member.value'"),
        ({"Budget": {**MONTHLY, "BudgetName": "a:b"}}, "Value 'a:b' at 'budget.budgetName' failed to satisfy"),
        (
            {"Budget": {**MONTHLY, "BudgetLimit": {"Amount": -1, "Unit": "USD"}}},
            "Value '-1' at 'budget.budgetLimit.amou",
        ),
        (
            {
                "Budget": MONTHLY,
                "NotificationsWithSubscribers": [{"Notification": AT_80_PERCENT, "Subscribers": [TEAM] * 11}],
            },
            r"NotificationsWithSubscribers\[0\] has 11 subscribers of type EMAIL",
        ),
    ],
)
def test_budgets_that_fail(stack: Stack, properties: dict[str, Any], sentence: str) -> None:
    with pytest.raises(WaiterError):
        stack.deploy(template(Budget=resource("AWS::Budgets::Budget", **properties)))
    assert _reasons(stack, sentence)


def test_a_name_that_is_taken_fails(aws: Callable[[str], Any], stack: Stack) -> None:
    name = unique("budget")
    stack.deploy(budget({**MONTHLY, "BudgetName": name}))
    other = Stack(aws)
    try:
        with pytest.raises(WaiterError):
            other.deploy(budget({**MONTHLY, "BudgetName": name}))
        assert _reasons(other, "already exists")
    finally:
        other.delete()


def _reasons(stack: Stack, sentence: str) -> list[str]:
    events = stack.cloudformation.describe_stack_events(StackName=stack.name)["StackEvents"]
    reasons = [event.get("ResourceStatusReason", "") for event in events]
    return [reason for reason in reasons if re.search(sentence, reason, re.DOTALL)]


def test_a_stack_makes_a_budget_as_its_role_may(aws: Callable[[str], Any], iam: IamLab) -> None:
    name = unique("budget")
    body = json.dumps(budget({**MONTHLY, "BudgetName": name}))
    arn = f"arn:aws:budgets::{ACCOUNT}:budget/{name}"
    stack = Stack(aws)
    request = {"StackName": stack.name, "TemplateBody": body}

    stack.cloudformation.create_stack(**request, RoleARN=iam.role("cloudformation", allow("budgets:ModifyBudget")))
    with pytest.raises(WaiterError):
        stack.cloudformation.get_waiter("stack_create_complete").wait(StackName=stack.name, WaiterConfig=WAITER)
    assert _reasons(stack, f"not authorized to perform: budgets:TagResource on resource: {arn}")
    stack.delete()

    actions = ("ModifyBudget", "TagResource", "ViewBudget", "ListTagsForResource")
    enough = allow(*(f"budgets:{action}" for action in actions), on=arn)
    stack.cloudformation.create_stack(**request, RoleARN=iam.role("cloudformation", enough))
    stack.cloudformation.get_waiter("stack_create_complete").wait(StackName=stack.name, WaiterConfig=WAITER)
    stack.delete()


def test_two_actions_stand_for_most_operations(iam: IamLab) -> None:
    client = iam.tester("budgets", allow("budgets:ViewBudget", "budgets:CreateBudget"))
    assert client.describe_budgets(AccountId=ACCOUNT)["ResponseMetadata"]["HTTPStatusCode"] == 200
    named = {**MONTHLY, "BudgetName": unique("budget"), "BudgetLimit": {"Amount": "1", "Unit": "USD"}}
    code, message = refusal(client.create_budget, AccountId=ACCOUNT, Budget=named)
    assert (code, "budgets:ModifyBudget" in message) == ("AccessDeniedException", True)
