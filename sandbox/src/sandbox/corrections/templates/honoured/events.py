"""Rows of events, schedules, dashboards, logs and secrets."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.corrections.templates.honoured.row import Honoured, honoured

ROWS: Mapping[str, Honoured] = {
    "AWS::CloudWatch::Dashboard": honoured(
        "DashboardBody DashboardName", DashboardBody="is kept and returned; nothing draws it"
    ),
    "AWS::Events::EventBus": honoured("Description Name Tags", "Arn Name"),
    "AWS::Logs::LogStream": honoured("LogGroupName LogStreamName"),
    "AWS::Logs::ResourcePolicy": honoured("PolicyDocument PolicyName"),
    "AWS::Logs::SubscriptionFilter": honoured(
        "DestinationArn Distribution FilterName FilterPattern LogGroupName",
        DestinationArn="is a function's; other destinations are refused",
        Distribution="is described; events go out in their order",
    ),
    "AWS::Scheduler::Schedule": honoured(
        "Description EndDate FlexibleTimeWindow GroupName KmsKeyArn Name ScheduleExpression "
        "ScheduleExpressionTimezone StartDate State Target.Arn Target.DeadLetterConfig Target.Input Target.RetryPolicy "
        "Target.RoleArn",
        "Arn",
        fixed="GroupName",
        FlexibleTimeWindow="is described; a target is invoked at once",
        KmsKeyArn="is described; nothing is encrypted",
        ScheduleExpressionTimezone="is UTC; other time zones are refused",
        Target="RetryPolicy and DeadLetterConfig are described: what cannot be delivered lacks a permission or its "
        "target, and such errors are not tried again",
    ),
    "AWS::Scheduler::ScheduleGroup": honoured("Name Tags", "Arn"),
    "AWS::SecretsManager::Secret": honoured(
        "Description GenerateSecretString KmsKeyId Name ReplicaRegions SecretString Tags",
        "Id",
        fixed="GenerateSecretString ReplicaRegions",
        KmsKeyId="is described; nothing is encrypted",
    ),
}
