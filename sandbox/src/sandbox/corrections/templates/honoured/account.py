"""Rows of the types that every application has: roles, keys, buckets, queues, functions, alarms, networks."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.corrections.templates.honoured.row import Honoured
from sandbox.corrections.templates.honoured.row import honoured as _type

_TARGETS = (
    "Targets.Arn Targets.Id Targets.RoleArn Targets.Input Targets.InputPath Targets.InputTransformer "
    "Targets.DeadLetterConfig Targets.RetryPolicy"
)
_BUCKET_ENCRYPTION = "BucketEncryption.ServerSideEncryptionConfiguration"

ROWS: Mapping[str, Honoured] = {
    "AWS::CDK::Metadata": _type("Analytics Modules"),
    "AWS::CloudFormation::Stack": _type("NotificationARNs Parameters Tags TemplateURL TimeoutInMinutes"),
    "AWS::CloudWatch::Alarm": _type(
        "ActionsEnabled AlarmActions AlarmDescription AlarmName ComparisonOperator DatapointsToAlarm Dimensions "
        "EvaluationPeriods ExtendedStatistic InsufficientDataActions MetricName Metrics Namespace OKActions Period "
        "Statistic "
        "Tags Threshold TreatMissingData Unit",
        "Arn",
    ),
    "AWS::EC2::RouteTable": _type("Tags VpcId", "RouteTableId"),
    "AWS::EC2::SecurityGroup": _type(
        "GroupDescription GroupName SecurityGroupEgress SecurityGroupIngress Tags VpcId",
        "GroupId VpcId",
        SecurityGroupEgress="is described; no traffic is filtered",
        SecurityGroupIngress="is described; no traffic is filtered",
    ),
    "AWS::EC2::Subnet": _type(
        "AvailabilityZone AvailabilityZoneId CidrBlock MapPublicIpOnLaunch Tags VpcId", "AvailabilityZone SubnetId"
    ),
    "AWS::EC2::SubnetRouteTableAssociation": _type("RouteTableId SubnetId"),
    "AWS::EC2::VPC": _type(
        "CidrBlock EnableDnsHostnames EnableDnsSupport InstanceTenancy Tags",
        "DefaultNetworkAcl DefaultSecurityGroup VpcId",
    ),
    "AWS::EC2::VPCEndpoint": _type(
        "PolicyDocument PrivateDnsEnabled RouteTableIds SecurityGroupIds ServiceName SubnetIds Tags VpcEndpointType "
        "VpcId",
        "CreationTimestamp DnsEntries Id NetworkInterfaceIds",
        PolicyDocument="is described; what jobs reach does not pass through it",
    ),
    "AWS::ECR::Repository": _type(
        "EmptyOnDelete EncryptionConfiguration ImageScanningConfiguration ImageTagMutability LifecyclePolicy "
        "RepositoryName RepositoryPolicyText Tags",
        "Arn RepositoryUri",
        LifecyclePolicy="is kept and returned; no image expires",
    ),
    "AWS::Events::Rule": _type(
        f"Description EventBusName EventPattern Name RoleArn ScheduleExpression State Tags {_TARGETS}",
        "Arn RuleName",
        Targets="RetryPolicy is described: what cannot be delivered here lacks a permission or its target, and such "
        "errors are not tried again",
    ),
    "AWS::IAM::ManagedPolicy": _type(
        "Description Groups ManagedPolicyName Path PolicyDocument Roles Users",
        "AttachmentCount CreateDate DefaultVersionId IsAttachable PolicyArn PolicyId UpdateDate",
    ),
    "AWS::IAM::Policy": _type("Groups PolicyDocument PolicyName Roles Users", "Id"),
    "AWS::IAM::Role": _type(
        "AssumeRolePolicyDocument Description ManagedPolicyArns MaxSessionDuration Path PermissionsBoundary Policies "
        "RoleName Tags",
        "Arn RoleId",
    ),
    "AWS::KMS::Alias": _type("AliasName TargetKeyId"),
    "AWS::KMS::Key": _type(
        "Description EnableKeyRotation Enabled KeyPolicy KeySpec KeyUsage MultiRegion Origin PendingWindowInDays "
        "RotationPeriodInDays Tags",
        "Arn KeyId",
        EnableKeyRotation="is described; the key material never changes",
    ),
    "AWS::Lambda::Function": _type(
        "Architectures Code.S3Bucket Code.S3Key Code.S3ObjectVersion Code.ZipFile Description Environment "
        "EphemeralStorage FunctionName Handler Layers LoggingConfig MemorySize PackageType Role Runtime Tags Timeout "
        "TracingConfig",
        "Arn",
        MemorySize="is described; a function may take more",
        EphemeralStorage="is described; a function may write more",
        TracingConfig="is described; no traces are recorded",
    ),
    "AWS::Lambda::Permission": _type("Action FunctionName Principal SourceAccount SourceArn"),
    "AWS::Logs::LogGroup": _type(
        "KmsKeyId LogGroupClass LogGroupName RetentionInDays Tags",
        "Arn",
        RetentionInDays="is described; events do not expire",
    ),
    "AWS::S3::Bucket": _type(
        f"AccessControl BucketName CorsConfiguration LifecycleConfiguration.Rules "
        f"LoggingConfiguration.DestinationBucketName LoggingConfiguration.LogFilePrefix NotificationConfiguration "
        f"OwnershipControls.Rules PublicAccessBlockConfiguration Tags VersioningConfiguration WebsiteConfiguration "
        f"{_BUCKET_ENCRYPTION}.BucketKeyEnabled {_BUCKET_ENCRYPTION}.ServerSideEncryptionByDefault",
        "Arn DomainName RegionalDomainName WebsiteURL",
        LifecycleConfiguration="is kept and returned; objects expire only by `python -m sandbox expire`",
        LoggingConfiguration="is kept and returned; no access logs are written",
    ),
    "AWS::S3::BucketPolicy": _type("Bucket PolicyDocument"),
    "AWS::SNS::Subscription": _type(
        "Endpoint FilterPolicy FilterPolicyScope Protocol RawMessageDelivery RedrivePolicy TopicArn",
        "Arn",
        Protocol="email is taken as confirmed, and no mail is sent",
    ),
    "AWS::SNS::Topic": _type(
        "DisplayName KmsMasterKeyId Subscription Tags TopicName",
        "TopicArn TopicName",
        KmsMasterKeyId="is described; messages are not encrypted",
    ),
    "AWS::SNS::TopicPolicy": _type("PolicyDocument Topics", "Id"),
    "AWS::SQS::Queue": _type(
        "ContentBasedDeduplication DeduplicationScope DelaySeconds FifoQueue FifoThroughputLimit "
        "KmsDataKeyReusePeriodSeconds KmsMasterKeyId MaximumMessageSize MessageRetentionPeriod QueueName "
        "ReceiveMessageWaitTimeSeconds RedriveAllowPolicy RedrivePolicy SqsManagedSseEnabled Tags VisibilityTimeout",
        "Arn QueueName QueueUrl",
        KmsMasterKeyId="is described; messages are not encrypted",
    ),
    "AWS::SQS::QueuePolicy": _type("PolicyDocument Queues", "Id"),
    "AWS::SSM::Parameter": _type("AllowedPattern DataType Description Name Tags Tier Type Value", "Type Value"),
    "AWS::StepFunctions::StateMachine": _type(
        "Definition DefinitionS3Location DefinitionString DefinitionSubstitutions LoggingConfiguration RoleArn "
        "StateMachineName StateMachineType Tags TracingConfiguration",
        "Arn Name StateMachineRevisionId",
        TracingConfiguration="is described; no traces are recorded",
    ),
}
