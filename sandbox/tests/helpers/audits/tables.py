"""DynamoDB and Kinesis."""

from __future__ import annotations

from audits.row import OTHER_TAGS, TAGS, Read, Row, attribute, ref

_KEY = {"AttributeName": "id", "KeyType": "HASH"}
_ATTRIBUTES = [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "at", "by")]


def _described(name: str) -> tuple[Read, ...]:
    table, arn = {"TableName": ref(name)}, {"ResourceArn": attribute(name)}
    return (
        Read("dynamodb", "describe_table", table, "Table"),
        Read("dynamodb", "describe_time_to_live", table, "TimeToLiveDescription"),
        Read("dynamodb", "describe_continuous_backups", table, "ContinuousBackupsDescription"),
        Read("dynamodb", "list_tags_of_resource", arn),
    )


_PITR = "PointInTimeRecoveryDescription.PointInTimeRecoveryStatus"
_WORDS = {
    "BillingMode": "BillingModeSummary.BillingMode",
    "GlobalSecondaryIndexes": "GlobalSecondaryIndexes || `[]`",
    "SSESpecification": "SSEDescription.{SSEEnabled: Status == 'ENABLED', SSEType: SSEType, "
    "KMSMasterKeyId: KMSMasterKeyArn} || {SSEEnabled: `false`}",
    "TimeToLiveSpecification": "{AttributeName: AttributeName || 'until', Enabled: TimeToLiveStatus == 'ENABLED'}",
    "PointInTimeRecoverySpecification": f"{{PointInTimeRecoveryEnabled: {_PITR} == 'ENABLED'}}",
    "TableClass": "TableClassSummary.TableClass",
}

ROWS = {
    "Key": Row("AWS::KMS::Key", {"PendingWindowInDays": 7}),
    "Table": Row(
        "AWS::DynamoDB::Table",
        {
            "TableName": "audited",
            "AttributeDefinitions": _ATTRIBUTES,
            "KeySchema": [_KEY, {"AttributeName": "at", "KeyType": "RANGE"}],
            "ProvisionedThroughput": {"ReadCapacityUnits": 2, "WriteCapacityUnits": 3},
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "by-by",
                    "KeySchema": [{"AttributeName": "by", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["more"]},
                    "ProvisionedThroughput": {"ReadCapacityUnits": 2, "WriteCapacityUnits": 3},
                }
            ],
            "LocalSecondaryIndexes": [
                {
                    "IndexName": "local",
                    "KeySchema": [_KEY, {"AttributeName": "by", "KeyType": "RANGE"}],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
            "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
            "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": attribute("Key")},
            "TimeToLiveSpecification": {"AttributeName": "until", "Enabled": True},
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "DeletionProtectionEnabled": True,
            "TableClass": "STANDARD_INFREQUENT_ACCESS",
            "Tags": TAGS,
        },
        {
            "ProvisionedThroughput": {"ReadCapacityUnits": 4, "WriteCapacityUnits": 5},
            "GlobalSecondaryIndexes": [],
            "StreamSpecification": {"StreamViewType": "KEYS_ONLY"},
            "SSESpecification": {"SSEEnabled": False},
            "TimeToLiveSpecification": {"AttributeName": "until", "Enabled": False},
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": False},
            "DeletionProtectionEnabled": False,
            "TableClass": "STANDARD",
            "Tags": OTHER_TAGS,
        },
        _described("Table"),
        _WORDS,
    ),
    "OnDemand": Row(
        "AWS::DynamoDB::Table",
        {"AttributeDefinitions": _ATTRIBUTES[:1], "KeySchema": [_KEY], "BillingMode": "PAY_PER_REQUEST"},
        {
            "AttributeDefinitions": _ATTRIBUTES[:2],
            "BillingMode": "PROVISIONED",
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "by-at",
                    "KeySchema": [{"AttributeName": "at", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                    "ProvisionedThroughput": {"ReadCapacityUnits": 2, "WriteCapacityUnits": 3},
                }
            ],
            "ProvisionedThroughput": {"ReadCapacityUnits": 4, "WriteCapacityUnits": 5},
        },
        _described("OnDemand"),
        _WORDS,
    ),
    "Global": Row(
        "AWS::DynamoDB::GlobalTable",
        {
            "TableName": "audited-global",
            "AttributeDefinitions": _ATTRIBUTES[:1],
            "KeySchema": [_KEY],
            "BillingMode": "PAY_PER_REQUEST",
            "Replicas": [{"Region": {"Ref": "AWS::Region"}}],
            "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
            "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS"},
            "TimeToLiveSpecification": {"AttributeName": "until", "Enabled": True},
        },
        {
            "SSESpecification": {"SSEEnabled": False},
            "StreamSpecification": {"StreamViewType": "KEYS_ONLY"},
            "TimeToLiveSpecification": {"AttributeName": "until", "Enabled": False},
        },
        _described("Global"),
        {**_WORDS, "Replicas": "[{Region: 'us-east-1'}]"},
    ),
    "Stream": Row(
        "AWS::Kinesis::Stream",
        {
            "Name": "audited",
            "ShardCount": 2,
            "RetentionPeriodHours": 48,
            "StreamModeDetails": {"StreamMode": "PROVISIONED"},
            "Tags": TAGS,
        },
        {"RetentionPeriodHours": 72, "Tags": OTHER_TAGS},
        (
            Read("kinesis", "describe_stream_summary", {"StreamName": ref("Stream")}, "StreamDescriptionSummary"),
            Read("kinesis", "list_tags_for_stream", {"StreamName": ref("Stream")}),
        ),
        {
            "Name": "StreamName",
            "ShardCount": "OpenShardCount",
        },
    ),
}
