"""Lambda's resource types beside the function itself."""

from __future__ import annotations

from audits.row import Read, Row, attribute, function, ref, role

PREPARED = "audited-code"

_VERSION = attribute("Version", "Version")
_STARTED = "{ProvisionedConcurrentExecutions: RequestedProvisionedConcurrentExecutions}"
_ALIAS = {"FunctionName": ref("Function"), "Name": "live"}

ROWS = {
    "Role": role("lambda", "sqs:*", "kms:*", "logs:*"),
    "Queue": Row("AWS::SQS::Queue"),
    "Other": Row("AWS::SQS::Queue"),
    "Function": function(),
    "Version": Row(
        "AWS::Lambda::Version",
        {"FunctionName": ref("Function"), "Description": "first"},
        reads=(Read("lambda", "get_function_configuration", {"FunctionName": ref("Function"), "Qualifier": _VERSION}),),
    ),
    "Alias": Row(
        "AWS::Lambda::Alias",
        {
            "FunctionName": ref("Function"),
            "FunctionVersion": attribute("Version", "Version"),
            "Name": "live",
            "Description": "first",
            "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 1},
        },
        {
            "Description": "second",
            "FunctionVersion": "$LATEST",
            "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 2},
        },
        (
            Read("lambda", "get_alias", _ALIAS),
            Read(
                "lambda", "get_provisioned_concurrency_config", {"FunctionName": ref("Function"), "Qualifier": "live"}
            ),
            Read(
                "lambda",
                "get_function",
                {"FunctionName": ref("Function")},
                "Configuration.{FunctionName: FunctionName}",
            ),
        ),
        {"ProvisionedConcurrencyConfig": _STARTED},
    ),
    "Url": Row(
        "AWS::Lambda::Url",
        {
            "TargetFunctionArn": attribute("Function"),
            "AuthType": "AWS_IAM",
            "InvokeMode": "BUFFERED",
            "Cors": {
                "AllowOrigins": ["*"],
                "AllowMethods": ["GET"],
                "AllowHeaders": ["x-a"],
                "AllowCredentials": False,
                "ExposeHeaders": ["x-b"],
                "MaxAge": 60,
            },
        },
        {"AuthType": "NONE", "InvokeMode": "RESPONSE_STREAM", "Cors": {"AllowOrigins": ["https://a.example"]}},
        (Read("lambda", "get_function_url_config", {"FunctionName": ref("Function")}),),
        {"TargetFunctionArn": "FunctionArn"},
    ),
    "UrlOfAlias": Row(
        "AWS::Lambda::Url",
        {
            "TargetFunctionArn": attribute("Function"),
            "Qualifier": "live",
            "AuthType": "AWS_IAM",
        },
        reads=(Read("lambda", "get_function_url_config", {"FunctionName": ref("Function"), "Qualifier": "live"}),),
        words={"TargetFunctionArn": "FunctionArn"},
        after=("Alias",),
    ),
    "Layer": Row(
        "AWS::Lambda::LayerVersion",
        {
            "Content": {"S3Bucket": PREPARED, "S3Key": "code.zip"},
            "LayerName": "audited",
            "Description": "first",
            "LicenseInfo": "MIT",
            "CompatibleRuntimes": ["python3.12"],
            "CompatibleArchitectures": ["x86_64"],
        },
        reads=(Read("lambda", "get_layer_version_by_arn", {"Arn": ref("Layer")}),),
        words={"LayerName": "'audited'", "Content": "Content && {S3Bucket: 'audited-code', S3Key: 'code.zip'}"},
    ),
    "LayerPermission": Row(
        "AWS::Lambda::LayerVersionPermission",
        {
            "LayerVersionArn": ref("Layer"),
            "Action": "lambda:GetLayerVersion",
            "Principal": "*",
            "OrganizationId": "o-1234567890",
        },
        reads=(
            Read(
                "lambda",
                "get_layer_version_policy",
                {"LayerName": "audited", "VersionNumber": 1},
                "Policy.Statement[0]",
            ),
        ),
        words={"LayerVersionArn": "Resource", "OrganizationId": 'Condition.StringEquals."aws:PrincipalOrgID"'},
    ),
    "Mapping": Row(
        "AWS::Lambda::EventSourceMapping",
        {
            "EventSourceArn": attribute("Queue"),
            "FunctionName": ref("Function"),
            "BatchSize": 5,
            "Enabled": False,
            "FilterCriteria": {"Filters": [{"Pattern": '{"body": ["a"]}'}]},
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "MaximumBatchingWindowInSeconds": 1,
            "ScalingConfig": {"MaximumConcurrency": 3},
            "Tags": [{"Key": "team", "Value": "digits"}],
        },
        {
            "BatchSize": 6,
            "Enabled": True,
            "FilterCriteria": {"Filters": [{"Pattern": '{"body": ["b"]}'}]},
            "FunctionResponseTypes": [],
            "MaximumBatchingWindowInSeconds": 2,
            "ScalingConfig": {"MaximumConcurrency": 4},
            "Tags": [{"Key": "colour", "Value": "red"}],
        },
        (
            Read("lambda", "get_event_source_mapping", {"UUID": ref("Mapping")}),
            Read("lambda", "list_tags", {"Resource": attribute("Mapping", "EventSourceMappingArn")}),
        ),
        {"FunctionName": "FunctionArn", "Enabled": "contains(['Enabled', 'Enabling'], State)"},
    ),
    "Table": Row(
        "AWS::DynamoDB::Table",
        {
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        },
    ),
    "StreamMapping": Row(
        "AWS::Lambda::EventSourceMapping",
        {
            "EventSourceArn": attribute("Table", "StreamArn"),
            "FunctionName": ref("Function"),
            "StartingPosition": "TRIM_HORIZON",
            "BisectBatchOnFunctionError": True,
            "DestinationConfig": {"OnFailure": {"Destination": attribute("Queue")}},
            "MaximumRecordAgeInSeconds": 60,
            "MaximumRetryAttempts": 2,
            "ParallelizationFactor": 2,
        },
        {
            "FunctionName": attribute("Function"),
            "BisectBatchOnFunctionError": False,
            "DestinationConfig": {"OnFailure": {"Destination": attribute("Other")}},
            "MaximumRecordAgeInSeconds": 120,
            "MaximumRetryAttempts": 3,
            "ParallelizationFactor": 3,
        },
        (Read("lambda", "get_event_source_mapping", {"UUID": ref("StreamMapping")}),),
        {"FunctionName": "FunctionArn"},
    ),
    "Asynchronous": Row(
        "AWS::Lambda::EventInvokeConfig",
        {
            "FunctionName": ref("Function"),
            "Qualifier": "$LATEST",
            "MaximumEventAgeInSeconds": 60,
            "MaximumRetryAttempts": 1,
            "DestinationConfig": {
                "OnFailure": {"Destination": attribute("Queue")},
                "OnSuccess": {"Destination": attribute("Other")},
            },
        },
        {
            "MaximumEventAgeInSeconds": 120,
            "MaximumRetryAttempts": 0,
            "DestinationConfig": {"OnFailure": {"Destination": attribute("Other")}},
        },
        (
            Read(
                "lambda",
                "get_function_event_invoke_config",
                {"FunctionName": ref("Function"), "Qualifier": "$LATEST"},
            ),
        ),
    ),
}
