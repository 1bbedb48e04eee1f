"""Streams, policies and subscriptions of log groups."""

from __future__ import annotations

import json

from audits.row import Read, Row, attribute, function, ref, role

_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "es.amazonaws.com"},
            "Action": "logs:PutLogEvents",
            "Resource": "*",
        }
    ],
}

ROWS = {
    "Group": Row("AWS::Logs::LogGroup"),
    "Role": role("lambda"),
    "Function": function(),
    "Other": function(),
    "Permission": Row(
        "AWS::Lambda::Permission",
        {"Action": "lambda:InvokeFunction", "FunctionName": ref("Function"), "Principal": "logs.amazonaws.com"},
    ),
    "Stream": Row(
        "AWS::Logs::LogStream",
        {"LogGroupName": ref("Group"), "LogStreamName": "audited"},
        reads=(
            Read(
                "logs",
                "describe_log_streams",
                {"logGroupName": ref("Group")},
                "logStreams[?logStreamName == 'audited'] | [0]",
            ),
        ),
        words={"LogGroupName": "arn"},
    ),
    "Policy": Row(
        "AWS::Logs::ResourcePolicy",
        {"PolicyName": "audited", "PolicyDocument": json.dumps(_POLICY)},
        {"PolicyDocument": json.dumps({**_POLICY, "Version": "2008-10-17"})},
        (
            Read(
                "logs",
                "describe_resource_policies",
                {},
                "resourcePolicies[?policyName == 'audited'] | [0]",
            ),
        ),
    ),
    "Subscription": Row(
        "AWS::Logs::SubscriptionFilter",
        {
            "LogGroupName": ref("Group"),
            "FilterName": "audited",
            "FilterPattern": "ERROR",
            "DestinationArn": attribute("Function"),
            "Distribution": "ByLogStream",
        },
        {"DestinationArn": attribute("Other"), "FilterPattern": "WARN", "Distribution": "Random"},
        (
            Read(
                "logs",
                "describe_subscription_filters",
                {"logGroupName": ref("Group")},
                "subscriptionFilters[?filterName == 'audited'] | [0]",
            ),
        ),
    ),
}
