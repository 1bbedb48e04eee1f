"""Rows of data at rest and in motion: DynamoDB, Kinesis, Firehose, Glue, Athena."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.corrections.templates.honoured.row import Honoured, honoured

_DESTINATION = "ExtendedS3DestinationConfiguration"

ROWS: Mapping[str, Honoured] = {
    "AWS::Athena::WorkGroup": honoured(
        "Description Name RecursiveDeleteOption State Tags WorkGroupConfiguration.BytesScannedCutoffPerQuery "
        "WorkGroupConfiguration.EnforceWorkGroupConfiguration WorkGroupConfiguration.PublishCloudWatchMetricsEnabled "
        "WorkGroupConfiguration.RequesterPaysEnabled WorkGroupConfiguration.ResultConfiguration",
        WorkGroupConfiguration="is described; no query is cut off, and no metric is written",
    ),
    "AWS::DynamoDB::GlobalTable": honoured(
        "AttributeDefinitions BillingMode KeySchema Replicas.Region SSESpecification StreamSpecification TableName "
        "TimeToLiveSpecification",
        "Arn StreamArn",
        fixed="AttributeDefinitions BillingMode KeySchema Replicas",
        Replicas="is the stack's own region alone; others are refused",
        SSESpecification="is described; nothing is encrypted",
    ),
    "AWS::DynamoDB::Table": honoured(
        "AttributeDefinitions BillingMode DeletionProtectionEnabled GlobalSecondaryIndexes KeySchema "
        "LocalSecondaryIndexes PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled ProvisionedThroughput "
        "SSESpecification StreamSpecification.StreamViewType TableClass TableName Tags TimeToLiveSpecification",
        "Arn StreamArn",
        fixed="KeySchema LocalSecondaryIndexes",
        PointInTimeRecoverySpecification="is described; no backup is kept",
        ProvisionedThroughput="is described; no request is throttled",
        SSESpecification="is described; nothing is encrypted",
    ),
    "AWS::Glue::Database": honoured("CatalogId DatabaseInput", fixed="CatalogId"),
    "AWS::Glue::Table": honoured(
        "CatalogId DatabaseName TableInput.Description TableInput.Name TableInput.Owner TableInput.Parameters "
        "TableInput.PartitionKeys TableInput.StorageDescriptor TableInput.TableType"
    ),
    "AWS::Kinesis::Stream": honoured(
        "Name RetentionPeriodHours StreamModeDetails Tags ShardCount", "Arn", fixed="ShardCount StreamModeDetails"
    ),
    "AWS::KinesisFirehose::DeliveryStream": honoured(
        f"DeliveryStreamEncryptionConfigurationInput DeliveryStreamName DeliveryStreamType {_DESTINATION}.BucketARN "
        f"{_DESTINATION}.BufferingHints {_DESTINATION}.CloudWatchLoggingOptions {_DESTINATION}.CompressionFormat "
        f"{_DESTINATION}.EncryptionConfiguration {_DESTINATION}.ErrorOutputPrefix {_DESTINATION}.Prefix "
        f"{_DESTINATION}.RoleARN Tags",
        "Arn",
        fixed="DeliveryStreamEncryptionConfigurationInput",
        DeliveryStreamEncryptionConfigurationInput="is described; nothing is encrypted",
    ),
}
