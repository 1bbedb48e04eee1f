"""EventBridge, its Scheduler, dashboards and secrets."""

from __future__ import annotations

from audits.row import OTHER_TAGS, TAGS, Read, Row, attribute, ref, role

_SECRET = {"SecretId": ref("Secret")}

ROWS = {
    "Role": role("scheduler", "sqs:*"),
    "Key": Row("AWS::KMS::Key", {"PendingWindowInDays": 7}),
    "OtherKey": Row("AWS::KMS::Key", {"PendingWindowInDays": 7}),
    "Queue": Row("AWS::SQS::Queue"),
    "Bus": Row(
        "AWS::Events::EventBus",
        {
            "Name": "audited",
            "Description": "first",
            "Tags": TAGS,
        },
        {"Description": "second", "Tags": OTHER_TAGS},
        (
            Read("events", "describe_event_bus", {"Name": ref("Bus")}),
            Read("events", "list_tags_for_resource", {"ResourceARN": attribute("Bus")}),
        ),
    ),
    "Group": Row(
        "AWS::Scheduler::ScheduleGroup",
        {"Name": "audited", "Tags": TAGS},
        {"Tags": OTHER_TAGS},
        (
            Read("scheduler", "get_schedule_group", {"Name": ref("Group")}),
            Read("scheduler", "list_tags_for_resource", {"ResourceArn": attribute("Group")}),
        ),
    ),
    "Schedule": Row(
        "AWS::Scheduler::Schedule",
        {
            "Name": "audited",
            "GroupName": ref("Group"),
            "Description": "first",
            "ScheduleExpression": "rate(5 minutes)",
            "StartDate": "2030-01-01T00:00:00Z",
            "EndDate": "2031-01-01T00:00:00Z",
            "State": "DISABLED",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "KmsKeyArn": attribute("Key"),
            "Target": {
                "Arn": attribute("Queue"),
                "RoleArn": attribute("Role"),
                "Input": "{}",
                "RetryPolicy": {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 3},
                "DeadLetterConfig": {"Arn": attribute("Queue")},
            },
        },
        {
            "Description": "second",
            "KmsKeyArn": attribute("OtherKey"),
            "ScheduleExpression": "rate(10 minutes)",
            "State": "ENABLED",
            "StartDate": "2030-02-01T00:00:00Z",
            "EndDate": "2031-02-01T00:00:00Z",
            "Target": {"Arn": attribute("Queue"), "RoleArn": attribute("Role"), "Input": "{}"},
        },
        (Read("scheduler", "get_schedule", {"Name": ref("Schedule"), "GroupName": ref("Group")}),),
    ),
    "Zoned": Row(
        "AWS::Scheduler::Schedule",
        {
            "ScheduleExpression": "cron(0 9 * * ? *)",
            "ScheduleExpressionTimezone": "Etc/UTC",
            "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5},
            "Target": {"Arn": attribute("Queue"), "RoleArn": attribute("Role")},
        },
        {"FlexibleTimeWindow": {"Mode": "OFF"}, "ScheduleExpressionTimezone": "UTC"},
        (Read("scheduler", "get_schedule", {"Name": ref("Zoned")}),),
    ),
    "Dashboard": Row(
        "AWS::CloudWatch::Dashboard",
        {"DashboardName": "audited", "DashboardBody": '{"widgets":[]}'},
        {"DashboardBody": '{"widgets":[],"start":"-PT1H"}'},
        (Read("cloudwatch", "get_dashboard", {"DashboardName": ref("Dashboard")}),),
    ),
    "Secret": Row(
        "AWS::SecretsManager::Secret",
        {
            "Name": "audited",
            "Description": "first",
            "KmsKeyId": attribute("Key"),
            "SecretString": "one",
            "Tags": TAGS,
        },
        {"Description": "second", "SecretString": "two", "Tags": OTHER_TAGS, "KmsKeyId": "alias/aws/secretsmanager"},
        (
            Read("secretsmanager", "describe_secret", _SECRET),
            Read("secretsmanager", "get_secret_value", _SECRET),
        ),
    ),
    "Generated": Row(
        "AWS::SecretsManager::Secret",
        {
            "GenerateSecretString": {
                "SecretStringTemplate": '{"user":"digits"}',
                "GenerateStringKey": "password",
                "PasswordLength": 20,
                "ExcludePunctuation": True,
            },
            "ReplicaRegions": [{"Region": "eu-central-1"}],
        },
        {},
        (
            Read("secretsmanager", "describe_secret", {"SecretId": ref("Generated")}),
            Read("secretsmanager", "get_secret_value", {"SecretId": ref("Generated")}),
        ),
        {"ReplicaRegions": "ReplicationStatus"},
        unread=frozenset(["GenerateSecretString"]),  # a test of its own reads the secret
    ),
}
