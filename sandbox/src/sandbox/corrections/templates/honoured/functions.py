"""Rows of aliases, versions, layers, URLs and event sources of Lambda."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.corrections.templates.honoured.row import Honoured, honoured

_NOT_STARTED = "ProvisionedConcurrentExecutions is described; nothing is started before the first call"

ROWS: Mapping[str, Honoured] = {
    "AWS::Lambda::Alias": honoured(
        "Description FunctionName FunctionVersion Name ProvisionedConcurrencyConfig",
        "AliasArn",
        ProvisionedConcurrencyConfig=_NOT_STARTED,
    ),
    "AWS::Lambda::EventInvokeConfig": honoured(
        "DestinationConfig FunctionName MaximumEventAgeInSeconds MaximumRetryAttempts Qualifier"
    ),
    "AWS::Lambda::EventSourceMapping": honoured(
        "BatchSize BisectBatchOnFunctionError DestinationConfig Enabled EventSourceArn FilterCriteria FunctionName "
        "FunctionResponseTypes MaximumBatchingWindowInSeconds MaximumRecordAgeInSeconds MaximumRetryAttempts "
        "ParallelizationFactor ScalingConfig StartingPosition Tags",
        "EventSourceMappingArn Id",
        MaximumBatchingWindowInSeconds="is described; a batch goes out at once",
        ParallelizationFactor="is described; one batch of a shard is handled at a time",
    ),
    "AWS::Lambda::LayerVersion": honoured(
        "CompatibleArchitectures CompatibleRuntimes Content.S3Bucket Content.S3Key Description LayerName LicenseInfo",
        "LayerVersionArn",
    ),
    "AWS::Lambda::LayerVersionPermission": honoured("Action LayerVersionArn OrganizationId Principal", "Id"),
    "AWS::Lambda::Url": honoured(
        "AuthType Cors InvokeMode Qualifier TargetFunctionArn",
        "FunctionArn FunctionUrl",
        TargetFunctionArn="the host name of FunctionUrl is not resolved; ask /_aws/lambda-url/ID/ of the sandbox",
    ),
    "AWS::Lambda::Version": honoured("Description FunctionName", "Version"),
}
