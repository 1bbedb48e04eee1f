"""The resource policy of the account for log delivery of state machines.

Sources: AWS Step Functions Developer Guide, "Avoiding Amazon CloudWatch Logs resource policy size restrictions"; Amazon
CloudWatch Logs User Guide, "Logs sent to CloudWatch Logs" (AWS changes the policy AWSLogDeliveryWrite20150319). The
form of the policy and the refusal are quoted in aws/aws-cdk #28577 and #28900. AWS takes nothing out of it again.
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import cloudwatch_logs

from sandbox.corrections.stepfunctions.machines import check_machines

NAMES = {
    "ministack.services.cloudwatch_logs": "_put_resource_policy _resource_policies",
}
OVERRIDES = {
    "Step Functions: log delivery": "a state machine with logging enters its log group into the account's resource "
    "policy of 5,120 characters; ministack knows no log delivery"
}

POLICY = "AWSLogDeliveryWrite20150319"
LONGEST = 5120
VENDED = "/aws/vendedlogs/"
_REFUSAL = (
    "Invalid Logging Configuration: The CloudWatch Logs Resource Policy size was exceeded. We suggest prefixing your "
    "CloudWatch log group name with /aws/vendedlogs/states/."
)


def install() -> None:
    """Enter the log group of each state machine that is created or updated."""
    check_machines(lambda machine: _entered(machine.get("loggingConfiguration")))


def _entered(given: dict[str, Any] | None) -> tuple | None:
    """Enter the log groups of a logging configuration. Returns the refusal of one for which there is no room."""
    given = given or {}
    if given.get("level", "OFF") == "OFF":
        return None
    for destination in given.get("destinations", []):
        group = destination["cloudWatchLogsLogGroup"]["logGroupArn"].split(":log-group:")[1].removesuffix(":*")
        resources = _resources()
        entry = _entry(f"{VENDED}*" if group.startswith(VENDED) else f"{group}:log-stream:*")
        if entry in resources:
            continue
        document = _document([*resources, entry])
        if len(document) > LONGEST:
            return error_response_json("InvalidLoggingConfiguration", _REFUSAL, 400)
        cloudwatch_logs._put_resource_policy({"policyName": POLICY, "policyDocument": document})
    return None


def _resources() -> list[str]:
    policy = cloudwatch_logs._resource_policies.get(POLICY)
    if policy is None:
        return []
    (statement,) = json.loads(policy["policyDocument"])["Statement"]
    return statement["Resource"]


def _entry(group: str) -> str:
    return f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{group}"


def _document(resources: list[str]) -> str:
    source = f"arn:aws:logs:{get_region()}:{get_account_id()}:*"
    statement = {
        "Sid": "AWSLogDeliveryWrite",
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": resources,
        "Condition": {
            "StringEquals": {"aws:SourceAccount": get_account_id()},
            "ArnLike": {"aws:SourceArn": source},
        },
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))
