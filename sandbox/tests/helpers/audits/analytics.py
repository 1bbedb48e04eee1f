"""Firehose, Glue, Athena and access points."""

from __future__ import annotations

from audits.row import ACCOUNT, OTHER_TAGS, TAGS, Read, Row, attribute, ref, role

_DATABASE = {"DatabaseName": "audited"}
ROWS = {
    "Role": role("firehose", "s3:*"),
    "Bucket": Row("AWS::S3::Bucket"),
    "Logs": Row("AWS::Logs::LogGroup"),
    "Delivery": Row(
        "AWS::KinesisFirehose::DeliveryStream",
        {
            "DeliveryStreamName": "audited",
            "DeliveryStreamType": "DirectPut",
            "ExtendedS3DestinationConfiguration": {
                "BucketARN": attribute("Bucket"),
                "RoleARN": attribute("Role"),
                "Prefix": "a/",
                "ErrorOutputPrefix": "b/",
                "CompressionFormat": "GZIP",
                "BufferingHints": {"IntervalInSeconds": 60, "SizeInMBs": 1},
                "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
                "CloudWatchLoggingOptions": {"Enabled": True, "LogGroupName": ref("Logs"), "LogStreamName": "a"},
            },
            "DeliveryStreamEncryptionConfigurationInput": {"KeyType": "AWS_OWNED_CMK"},
            "Tags": TAGS,
        },
        {
            "ExtendedS3DestinationConfiguration": {
                "BucketARN": attribute("Bucket"),
                "RoleARN": attribute("Role"),
                "Prefix": "c/",
                "CompressionFormat": "ZIP",
            },
            "Tags": OTHER_TAGS,
        },
        (
            Read(
                "firehose",
                "describe_delivery_stream",
                {"DeliveryStreamName": ref("Delivery")},
                "DeliveryStreamDescription",
            ),
            Read("firehose", "list_tags_for_delivery_stream", {"DeliveryStreamName": ref("Delivery")}),
        ),
        {
            "ExtendedS3DestinationConfiguration": "Destinations[0].ExtendedS3DestinationDescription",
            "DeliveryStreamEncryptionConfigurationInput": "DeliveryStreamEncryptionConfiguration",
        },
    ),
    "Database": Row(
        "AWS::Glue::Database",
        {
            "CatalogId": ACCOUNT,
            "DatabaseInput": {
                "Name": "audited",
                "Description": "first",
                "LocationUri": "s3://a/",
                "Parameters": {"a": "b"},
            },
        },
        {"DatabaseInput": {"Name": "audited", "Description": "second", "Parameters": {"c": "d"}}},
        (
            Read(
                "glue", "get_database", {"Name": "audited"}, "{CatalogId: Database.CatalogId, DatabaseInput: Database}"
            ),
        ),
    ),
    "Table": Row(
        "AWS::Glue::Table",
        {
            "CatalogId": ACCOUNT,
            "DatabaseName": ref("Database"),
            "TableInput": {
                "Name": "audited",
                "Description": "first",
                "TableType": "EXTERNAL_TABLE",
                "Owner": "a",
                "Parameters": {"classification": "json"},
                "PartitionKeys": [{"Name": "day", "Type": "string"}],
                "StorageDescriptor": {
                    "Columns": [{"Name": "a", "Type": "int", "Comment": "b"}],
                    "Location": "s3://a/",
                    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
                    "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                    "SerdeInfo": {
                        "SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe",
                        "Parameters": {"a": "b"},
                    },
                    "Compressed": True,
                },
            },
        },
        {"TableInput": {"Name": "audited", "Description": "second", "Parameters": {"classification": "csv"}}},
        (
            Read(
                "glue",
                "get_table",
                {**_DATABASE, "Name": "audited"},
                "{CatalogId: Table.CatalogId, DatabaseName: Table.DatabaseName, TableInput: Table}",
            ),
        ),
    ),
    "WorkGroup": Row(
        "AWS::Athena::WorkGroup",
        {
            "Name": "audited",
            "Description": "first",
            "State": "ENABLED",
            "RecursiveDeleteOption": True,
            "WorkGroupConfiguration": {
                "EnforceWorkGroupConfiguration": True,
                "PublishCloudWatchMetricsEnabled": True,
                "BytesScannedCutoffPerQuery": 10000000,
                "RequesterPaysEnabled": False,
                "ResultConfiguration": {
                    "OutputLocation": "s3://a/",
                    "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
                },
            },
            "Tags": TAGS,
        },
        {
            "Description": "second",
            "State": "DISABLED",
            "Tags": OTHER_TAGS,
            "WorkGroupConfiguration": {"EnforceWorkGroupConfiguration": False},
        },
        (
            Read("athena", "get_work_group", {"WorkGroup": ref("WorkGroup")}, "WorkGroup"),
            Read(
                "athena",
                "list_tags_for_resource",
                {"ResourceARN": f"arn:aws:athena:us-east-1:{ACCOUNT}:workgroup/audited"},
            ),
        ),
        {"WorkGroupConfiguration": "Configuration"},
        frozenset(["RecursiveDeleteOption"]),
    ),
}
