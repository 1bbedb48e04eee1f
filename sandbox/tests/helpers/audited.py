"""The resources of a template that sets every property that the sandbox says it honours."""

from __future__ import annotations

import json
from typing import Any

from template_lab import Template, resource

Properties = dict[str, Any]

ACCOUNT = "000000000000"
PREPARED = "audited-code"
"""A bucket with `code.zip`, `machine.json` and `nested.json`, and a group of users, that are there before the stack."""
NESTED = {"Parameters": {"Team": {"Type": "String"}}, "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
MACHINE = {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}
CODE = "def handler(event, context):\n    return 'hello'\n"
TAGS = [{"Key": "team", "Value": "digits"}]


def _policy(action: str, principal: Any = "*") -> Properties:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}],
    }


_GRANT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}

_LOG_DELIVERY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}


def _trust(service: str) -> Properties:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


_KEY_POLICY = _policy("kms:*", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"})


_KEEP_TEN = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 1,
                "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10},
                "action": {"type": "expire"},
            }
        ]
    }
)


def ref(name: str) -> Properties:
    return {"Ref": name}


def attribute(name: str, of: str = "Arn") -> Properties:
    return {"Fn::GetAtt": [name, of]}


RESOURCES: dict[str, Template] = {
    "Nested": resource(
        "AWS::CloudFormation::Stack",
        NotificationARNs=[ref("Topic")],
        Parameters={"Team": "digits"},
        Tags=TAGS,
        TemplateURL=f"https://s3.amazonaws.com/{PREPARED}/nested.json",
        TimeoutInMinutes=5,
    ),
    "Alarm": resource(
        "AWS::CloudWatch::Alarm",
        ActionsEnabled=False,
        AlarmActions=[ref("Topic")],
        AlarmDescription="Too many.",
        AlarmName="audited",
        ComparisonOperator="GreaterThanThreshold",
        DatapointsToAlarm=2,
        Dimensions=[{"Name": "QueueName", "Value": "q"}],
        EvaluationPeriods=3,
        InsufficientDataActions=[ref("Topic")],
        MetricName="Sent",
        Namespace="AWS/SQS",
        OKActions=[ref("Topic")],
        Period=120,
        Statistic="Sum",
        Tags=TAGS,
        Threshold=5,
        TreatMissingData="breaching",
        Unit="Count",
    ),
    "Latency": resource(
        "AWS::CloudWatch::Alarm",
        ComparisonOperator="LessThanThreshold",
        EvaluationPeriods=1,
        ExtendedStatistic="p99",
        MetricName="Latency",
        Namespace="n",
        Threshold=1,
    ),
    "Share": resource(
        "AWS::CloudWatch::Alarm",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        Metrics=[
            {"Id": "share", "Expression": "IF(calls > 9, bad / calls, 0)", "Label": "share", "ReturnData": True},
            *(
                {
                    "Id": name,
                    "MetricStat": {
                        "Metric": {"MetricName": name, "Namespace": "n", "Dimensions": [{"Name": "a", "Value": "b"}]},
                        "Period": 60,
                        "Stat": "Sum",
                    },
                    "ReturnData": False,
                }
                for name in ("bad", "calls")
            ),
        ],
        Threshold=1,
    ),
    "Vpc": resource(
        "AWS::EC2::VPC",
        CidrBlock="10.1.0.0/16",
        EnableDnsHostnames=True,
        EnableDnsSupport=False,
        InstanceTenancy="default",
        Tags=TAGS,
    ),
    "Table": resource("AWS::EC2::RouteTable", VpcId=ref("Vpc"), Tags=TAGS),
    "Subnet": resource(
        "AWS::EC2::Subnet",
        AvailabilityZone="us-east-1b",
        CidrBlock="10.1.1.0/24",
        MapPublicIpOnLaunch=True,
        Tags=TAGS,
        VpcId=ref("Vpc"),
    ),
    "SubnetOfZone": resource(
        "AWS::EC2::Subnet", AvailabilityZoneId="use1-az1", CidrBlock="10.1.2.0/24", VpcId=ref("Vpc")
    ),
    "Association": resource("AWS::EC2::SubnetRouteTableAssociation", RouteTableId=ref("Table"), SubnetId=ref("Subnet")),
    "Group": resource(
        "AWS::EC2::SecurityGroup",
        GroupDescription="Audited.",
        GroupName="audited",
        SecurityGroupEgress=[{"CidrIp": "0.0.0.0/0", "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}],
        SecurityGroupIngress=[{"CidrIp": "10.1.0.0/16", "IpProtocol": "tcp", "FromPort": 80, "ToPort": 81}],
        Tags=TAGS,
        VpcId=ref("Vpc"),
    ),
    "Gateway": resource(
        "AWS::EC2::VPCEndpoint",
        PolicyDocument=_policy("s3:GetObject"),
        RouteTableIds=[ref("Table")],
        ServiceName="com.amazonaws.us-east-1.s3",
        Tags=TAGS,
        VpcEndpointType="Gateway",
        VpcId=ref("Vpc"),
    ),
    "Interface": resource(
        "AWS::EC2::VPCEndpoint",
        PrivateDnsEnabled=True,
        SecurityGroupIds=[ref("Group")],
        ServiceName="com.amazonaws.us-east-1.sqs",
        SubnetIds=[ref("Subnet")],
        VpcEndpointType="Interface",
        VpcId=ref("Vpc"),
    ),
    "Repository": resource(
        "AWS::ECR::Repository",
        EmptyOnDelete=True,
        EncryptionConfiguration={"EncryptionType": "KMS", "KmsKey": attribute("Key")},
        ImageScanningConfiguration={"ScanOnPush": True},
        ImageTagMutability="IMMUTABLE",
        LifecyclePolicy={"LifecyclePolicyText": _KEEP_TEN},
        RepositoryName="audited",
        RepositoryPolicyText=_policy("ecr:BatchGetImage"),
        Tags=TAGS,
    ),
    "Rule": resource(
        "AWS::Events::Rule",
        Description="Audited.",
        EventBusName="default",
        EventPattern={"source": ["audited"]},
        Name="audited",
        RoleArn=attribute("Role"),
        State="DISABLED",
        Tags=TAGS,
        Targets=[
            {"Arn": attribute("Queue"), "Id": "a", "Input": '"a"'},
            {
                "Arn": attribute("Queue"),
                "Id": "b",
                "InputPath": "$.detail",
                "DeadLetterConfig": {"Arn": attribute("Queue")},
                "RetryPolicy": {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 2},
            },
            {
                "Arn": ref("Machine"),
                "Id": "c",
                "RoleArn": attribute("Role"),
                "InputTransformer": {"InputPathsMap": {"source": "$.source"}, "InputTemplate": '"<source>"'},
            },
        ],
    ),
    "Clock": resource("AWS::Events::Rule", ScheduleExpression="rate(1 day)", State="DISABLED"),
    "Role": resource(
        "AWS::IAM::Role",
        AssumeRolePolicyDocument=_trust("lambda.amazonaws.com"),
        Description="Audited.",
        ManagedPolicyArns=[ref("Managed")],
        MaxSessionDuration=7200,
        Path="/audited/",
        PermissionsBoundary=ref("Managed"),
        Policies=[{"PolicyName": "own", "PolicyDocument": _GRANT}],
        RoleName="audited",
        Tags=TAGS,
    ),
    "Managed": resource(
        "AWS::IAM::ManagedPolicy",
        Description="Audited.",
        ManagedPolicyName="audited",
        Path="/audited/",
        PolicyDocument=_GRANT,
    ),
    "User": resource("AWS::IAM::User", UserName="audited"),
    "Attached": resource(
        "AWS::IAM::ManagedPolicy",
        Groups=[PREPARED],
        PolicyDocument=_GRANT,
        Roles=[ref("Role")],
        Users=[ref("User")],
    ),
    "Inline": resource(
        "AWS::IAM::Policy",
        Groups=[PREPARED],
        PolicyDocument=_GRANT,
        PolicyName="inline",
        Roles=[ref("Role")],
        Users=[ref("User")],
    ),
    "Key": resource(
        "AWS::KMS::Key",
        Description="Audited.",
        EnableKeyRotation=True,
        Enabled=True,
        KeyPolicy=_KEY_POLICY,
        KeySpec="SYMMETRIC_DEFAULT",
        KeyUsage="ENCRYPT_DECRYPT",
        MultiRegion=True,
        Origin="AWS_KMS",
        RotationPeriodInDays=180,
        Tags=TAGS,
    ),
    "Sleeping": resource("AWS::KMS::Key", Enabled=False, PendingWindowInDays=8),
    "Alias": resource("AWS::KMS::Alias", AliasName="alias/audited", TargetKeyId=ref("Key")),
    "Function": resource(
        "AWS::Lambda::Function",
        Architectures=["x86_64"],
        Code={"ZipFile": CODE},
        Description="Audited.",
        Environment={"Variables": {"COLOUR": "red"}},
        EphemeralStorage={"Size": 1024},
        FunctionName="audited",
        Handler="index.handler",
        LoggingConfig={"LogFormat": "JSON", "LogGroup": ref("Log")},
        MemorySize=256,
        PackageType="Zip",
        Role=attribute("Role"),
        Runtime="python3.12",
        Tags=TAGS,
        Timeout=7,
        TracingConfig={"Mode": "Active"},
    ),
    "Packed": resource(
        "AWS::Lambda::Function",
        Code={"S3Bucket": PREPARED, "S3Key": "code.zip"},
        Handler="index.handler",
        Layers=[ref("Layer")],
        Role=attribute("Role"),
        Runtime="python3.12",
    ),
    "Layer": resource("AWS::Lambda::LayerVersion", Content={"S3Bucket": PREPARED, "S3Key": "code.zip"}),
    "Permission": resource(
        "AWS::Lambda::Permission",
        Action="lambda:InvokeFunction",
        FunctionName=ref("Function"),
        Principal="events.amazonaws.com",
        SourceAccount=ACCOUNT,
        SourceArn=attribute("Rule"),
    ),
    "Log": resource(
        "AWS::Logs::LogGroup",
        KmsKeyId=attribute("Key"),
        LogGroupClass="INFREQUENT_ACCESS",
        LogGroupName="/audited",
        RetentionInDays=14,
        Tags=TAGS,
    ),
    "Bucket": resource(
        "AWS::S3::Bucket",
        BucketEncryption={
            "ServerSideEncryptionConfiguration": [
                {
                    "BucketKeyEnabled": True,
                    "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": attribute("Key")},
                }
            ]
        },
        BucketName="audited-bucket",
        CorsConfiguration={"CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAge": 60}]},
        LifecycleConfiguration={
            "Rules": [
                {
                    "Id": "all",
                    "Status": "Enabled",
                    "Prefix": "old/",
                    "ExpirationInDays": 30,
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 7},
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2},
                    "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 10}],
                }
            ]
        },
        LoggingConfiguration={"DestinationBucketName": ref("Logs"), "LogFilePrefix": "audited/"},
        NotificationConfiguration={"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
        OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]},
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "BlockPublicPolicy": False,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": False,
        },
        Tags=TAGS,
        VersioningConfiguration={"Status": "Suspended"},
        WebsiteConfiguration={"IndexDocument": "index.html"},
    ),
    "Logs": resource(
        "AWS::S3::Bucket",
        AccessControl="LogDeliveryWrite",
        OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
    ),
    "BucketPolicy": resource("AWS::S3::BucketPolicy", Bucket=ref("Bucket"), PolicyDocument=_policy("s3:GetObject")),
    "Topic": resource(
        "AWS::SNS::Topic",
        DisplayName="Audited",
        KmsMasterKeyId=attribute("Key"),
        Subscription=[{"Protocol": "email", "Endpoint": "a@example.com"}],
        Tags=TAGS,
        TopicName="audited",
    ),
    "Subscription": resource(
        "AWS::SNS::Subscription",
        Endpoint=attribute("Queue"),
        FilterPolicy={"colour": ["red"]},
        FilterPolicyScope="MessageBody",
        Protocol="sqs",
        RawMessageDelivery=True,
        RedrivePolicy={"deadLetterTargetArn": attribute("Queue")},
        TopicArn=ref("Topic"),
    ),
    "TopicPolicy": resource("AWS::SNS::TopicPolicy", PolicyDocument=_policy("sns:Publish"), Topics=[ref("Topic")]),
    "Queue": resource(
        "AWS::SQS::Queue",
        DelaySeconds=1,
        KmsDataKeyReusePeriodSeconds=600,
        KmsMasterKeyId=attribute("Key"),
        MaximumMessageSize=2048,
        MessageRetentionPeriod=3600,
        QueueName="audited",
        ReceiveMessageWaitTimeSeconds=2,
        RedriveAllowPolicy={"redrivePermission": "denyAll"},
        RedrivePolicy={"deadLetterTargetArn": attribute("DeadLetters"), "maxReceiveCount": 3},
        Tags=TAGS,
        VisibilityTimeout=40,
    ),
    "DeadLetters": resource("AWS::SQS::Queue", SqsManagedSseEnabled=False),
    "Fifo": resource(
        "AWS::SQS::Queue",
        ContentBasedDeduplication=True,
        DeduplicationScope="messageGroup",
        FifoQueue=True,
        FifoThroughputLimit="perMessageGroupId",
    ),
    "QueuePolicy": resource("AWS::SQS::QueuePolicy", PolicyDocument=_policy("sqs:SendMessage"), Queues=[ref("Queue")]),
    "Parameter": resource(
        "AWS::SSM::Parameter",
        AllowedPattern="^[a-z]+$",
        DataType="text",
        Description="Audited.",
        Name="/audited",
        Tags={"team": "digits"},
        Tier="Advanced",
        Type="StringList",
        Value="red",
    ),
    "Executor": resource(
        "AWS::IAM::Role",
        AssumeRolePolicyDocument=_trust("states.amazonaws.com"),
        Policies=[{"PolicyName": "own", "PolicyDocument": _LOG_DELIVERY}],
    ),
    "Machine": resource(
        "AWS::StepFunctions::StateMachine",
        DefinitionString=json.dumps({**MACHINE, "Comment": "${colour}"}),
        DefinitionSubstitutions={"colour": "red"},
        LoggingConfiguration={
            "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": attribute("Log")}}],
            "IncludeExecutionData": True,
            "Level": "ERROR",
        },
        RoleArn=attribute("Executor"),
        StateMachineName="audited",
        StateMachineType="EXPRESS",
        Tags=TAGS,
        TracingConfiguration={"Enabled": True},
    ),
    "Simple": resource("AWS::StepFunctions::StateMachine", Definition=MACHINE, RoleArn=attribute("Executor")),
    "Filed": resource(
        "AWS::StepFunctions::StateMachine",
        DefinitionS3Location={"Bucket": PREPARED, "Key": "machine.json"},
        RoleArn=attribute("Executor"),
    ),
}
