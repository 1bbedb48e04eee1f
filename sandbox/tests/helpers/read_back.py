"""Resources read by their service's API, as properties of the CloudFormation type: `READERS` by type name."""

from __future__ import annotations

import io
import json
import urllib.request
import zipfile
from collections.abc import Callable
from typing import Any

Aws = Callable[[str], Any]
Properties = dict[str, Any]


def _alarm(aws: Aws, name: str) -> Properties:
    (found,) = aws("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return found | {"Tags": _own(aws("cloudwatch").list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"])}


def _nested_stack(aws: Aws, stack: str) -> Properties:
    (found,) = aws("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in found["Parameters"]}
    template = aws("cloudformation").get_template(StackName=stack)["TemplateBody"]
    return {**found, "Parameters": parameters, "TemplateURL": template}


def _vpc(aws: Aws, vpc: str) -> Properties:
    (found,) = aws("ec2").describe_vpcs(VpcIds=[vpc])["Vpcs"]
    dns = {
        name: aws("ec2").describe_vpc_attribute(VpcId=vpc, Attribute=name[0].lower() + name[1:])[name]["Value"]
        for name in ("EnableDnsHostnames", "EnableDnsSupport")
    }
    return _tagged(found) | dns


def _route_table(aws: Aws, table: str) -> Properties:
    return _tagged(aws("ec2").describe_route_tables(RouteTableIds=[table])["RouteTables"][0])


def _subnet(aws: Aws, subnet: str) -> Properties:
    return _tagged(aws("ec2").describe_subnets(SubnetIds=[subnet])["Subnets"][0])


def _association(aws: Aws, association: str) -> Properties:
    tables = aws("ec2").describe_route_tables()["RouteTables"]
    every = [item for table in tables for item in table["Associations"]]
    return next(item for item in every if item["RouteTableAssociationId"] == association)


def _security_group(aws: Aws, group: str) -> Properties:
    found = _tagged(aws("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"][0])
    rules = {
        name: [
            {"CidrIp": rule["IpRanges"][0]["CidrIp"]} | {key: rule[key] for key in ("IpProtocol", "FromPort", "ToPort")}
            for rule in found[permissions]
        ]
        for name, permissions in (
            ("SecurityGroupIngress", "IpPermissions"),
            ("SecurityGroupEgress", "IpPermissionsEgress"),
        )
    }
    return found | rules | {"GroupDescription": found["Description"]}


def _vpc_endpoint(aws: Aws, endpoint: str) -> Properties:
    found = _tagged(aws("ec2").describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0])
    groups = [group["GroupId"] for group in found["Groups"]]
    return found | {"SecurityGroupIds": groups, "PolicyDocument": json.loads(found.get("PolicyDocument", "null"))}


def _repository(aws: Aws, name: str) -> Properties:
    ecr = aws("ecr")
    (found,) = ecr.describe_repositories(repositoryNames=[name])["repositories"]
    encryption, named = found["encryptionConfiguration"], {"repositoryName": name}
    return {
        "RepositoryName": name,
        "ImageTagMutability": found["imageTagMutability"],
        "ImageScanningConfiguration": {"ScanOnPush": found["imageScanningConfiguration"]["scanOnPush"]},
        "EncryptionConfiguration": {"EncryptionType": encryption["encryptionType"], "KmsKey": encryption.get("kmsKey")},
        "LifecyclePolicy": {"LifecyclePolicyText": ecr.get_lifecycle_policy(**named)["lifecyclePolicyText"]},
        "RepositoryPolicyText": json.loads(ecr.get_repository_policy(**named)["policyText"]),
        "Tags": _own(ecr.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"]),
    }


def _rule(aws: Aws, name: str) -> Properties:
    events = aws("events")
    found = events.describe_rule(Name=name)
    targets = events.list_targets_by_rule(Rule=name)["Targets"]
    tags = _own(events.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"])
    return found | {
        "EventPattern": json.loads(found.get("EventPattern") or "null"),
        "Targets": sorted(targets, key=lambda target: target["Id"]),
        "Tags": tags,
    }


def _managed_policy(aws: Aws, arn: str) -> Properties:
    found = aws("iam").get_policy(PolicyArn=arn)["Policy"]
    version = aws("iam").get_policy_version(PolicyArn=arn, VersionId=found["DefaultVersionId"])["PolicyVersion"]
    holders = aws("iam").list_entities_for_policy(PolicyArn=arn)
    return {
        "ManagedPolicyName": found["PolicyName"],
        "Path": found["Path"],
        "Description": found.get("Description"),
        "PolicyDocument": version["Document"],
        "Roles": [item["RoleName"] for item in holders["PolicyRoles"]],
        "Users": [item["UserName"] for item in holders["PolicyUsers"]],
        "Groups": [item["GroupName"] for item in holders["PolicyGroups"]],
    }


def _inline_policy(aws: Aws, _: str) -> Properties:
    """Found at those who hold it."""
    iam = aws("iam")
    held = [
        iam.get_role_policy(RoleName="audited", PolicyName="inline"),
        iam.get_user_policy(UserName="audited", PolicyName="inline"),
        iam.get_group_policy(GroupName="audited-code", PolicyName="inline"),
    ]
    holders = {kind: [item[f"{kind[:-1]}Name"]] for kind, item in zip(("Roles", "Users", "Groups"), held, strict=True)}
    return {"PolicyName": held[0]["PolicyName"], "PolicyDocument": held[0]["PolicyDocument"], **holders}


def _role(aws: Aws, name: str) -> Properties:
    iam = aws("iam")
    found = iam.get_role(RoleName=name)["Role"]
    attached = [item["PolicyArn"] for item in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]]
    own = iam.get_role_policy(RoleName=name, PolicyName="own")
    return found | {
        "PermissionsBoundary": found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "ManagedPolicyArns": [arn for arn in attached if arn.endswith("/audited")],
        "Policies": [{"PolicyName": own["PolicyName"], "PolicyDocument": own["PolicyDocument"]}],
        "Tags": _own(found.get("Tags", [])),
    }


def _key(aws: Aws, key: str) -> Properties:
    kms = aws("kms")
    found = kms.describe_key(KeyId=key)["KeyMetadata"]
    rotation = kms.get_key_rotation_status(KeyId=key)
    tags = [{"Key": tag["TagKey"], "Value": tag["TagValue"]} for tag in kms.list_resource_tags(KeyId=key)["Tags"]]
    return found | {
        "EnableKeyRotation": rotation["KeyRotationEnabled"],
        "RotationPeriodInDays": rotation.get("RotationPeriodInDays"),
        "KeyPolicy": json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]),
        "Tags": _own(tags),
    }


def _alias(aws: Aws, name: str) -> Properties:
    return next(alias for alias in aws("kms").list_aliases()["Aliases"] if alias["AliasName"] == name)


def _function(aws: Aws, name: str) -> Properties:
    found = aws("lambda").get_function(FunctionName=name)
    return found["Configuration"] | {
        "Code": _code(found["Code"]["Location"]),
        "Layers": [layer["Arn"] for layer in found["Configuration"].get("Layers", [])],
        "TracingConfig": {"Mode": found["Configuration"]["TracingConfig"]["Mode"]},
        "LoggingConfig": {key: found["Configuration"]["LoggingConfig"][key] for key in ("LogFormat", "LogGroup")},
        "Tags": _own(_pairs(found["Tags"])),
    }


def _code(location: str) -> str:
    with urllib.request.urlopen(location) as response, zipfile.ZipFile(io.BytesIO(response.read())) as archive:
        return archive.read("index.py").decode()


def _permission(aws: Aws, statement_id: str) -> Properties:
    policy = json.loads(aws("lambda").get_policy(FunctionName="audited")["Policy"])
    found = next(item for item in policy["Statement"] if item["Sid"] == statement_id)
    return {
        "Action": found["Action"],
        "Principal": found["Principal"]["Service"],
        "FunctionName": found["Resource"].rpartition(":")[2],
        "SourceArn": found["Condition"]["ArnLike"]["AWS:SourceArn"],
        "SourceAccount": found["Condition"]["StringEquals"]["AWS:SourceAccount"],
    }


def _log_group(aws: Aws, name: str) -> Properties:
    (found,) = aws("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    tags = aws("logs").list_tags_for_resource(resourceArn=found["arn"].removesuffix(":*"))["tags"]
    capital = {key[0].upper() + key[1:]: value for key, value in found.items()}
    return capital | {"Tags": _own(_pairs(tags))}


def _bucket(aws: Aws, name: str) -> Properties:
    """In S3's words where they differ from CloudFormation's; the test knows these."""
    s3, bucket = aws("s3"), {"Bucket": name}
    rules = s3.get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    notification = s3.get_bucket_notification_configuration(**bucket)
    return {
        "BucketName": name,
        "BucketEncryption": rules,
        "CorsConfiguration": s3.get_bucket_cors(**bucket)["CORSRules"],
        "LifecycleConfiguration": s3.get_bucket_lifecycle_configuration(**bucket)["Rules"],
        "LoggingConfiguration": s3.get_bucket_logging(**bucket)["LoggingEnabled"],
        "NotificationConfiguration": "EventBridgeConfiguration" in notification,
        "OwnershipControls": s3.get_bucket_ownership_controls(**bucket)["OwnershipControls"],
        "PublicAccessBlockConfiguration": s3.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"],
        "Tags": _own(s3.get_bucket_tagging(**bucket)["TagSet"]),
        "VersioningConfiguration": {"Status": s3.get_bucket_versioning(**bucket)["Status"]},
        "WebsiteConfiguration": s3.get_bucket_website(**bucket)["IndexDocument"]["Suffix"],
    }


def _bucket_policy(aws: Aws, _: str) -> Properties:
    return {
        "Bucket": "audited-bucket",
        "PolicyDocument": json.loads(aws("s3").get_bucket_policy(Bucket="audited-bucket")["Policy"]),
    }


def _topic(aws: Aws, arn: str) -> Properties:
    sns = aws("sns")
    found = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    subscriptions = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    inline = [{key: item[key] for key in ("Protocol", "Endpoint")} for item in subscriptions]
    return found | {
        "TopicName": arn.rpartition(":")[2],
        "Subscription": [item for item in inline if item["Protocol"] == "email"],
        "Tags": _own(sns.list_tags_for_resource(ResourceArn=arn)["Tags"]),
    }


def _topic_policy(aws: Aws, _: str) -> Properties:
    topic = next(
        item["TopicArn"] for item in aws("sns").list_topics()["Topics"] if item["TopicArn"].endswith(":audited")
    )
    policy = aws("sns").get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    return {"PolicyDocument": json.loads(policy), "Topics": [topic]}


def _subscription(aws: Aws, arn: str) -> Properties:
    found = aws("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    parsed = {key: json.loads(found[key]) for key in ("FilterPolicy", "RedrivePolicy", "RawMessageDelivery")}
    every = aws("sns").list_subscriptions()["Subscriptions"]
    return found | parsed | next(item for item in every if item["SubscriptionArn"] == arn)


def _queue(aws: Aws, url: str) -> Properties:
    sqs = aws("sqs")
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    parsed = {key: _json(value) for key, value in found.items()}
    tags = _own(_pairs(sqs.list_queue_tags(QueueUrl=url).get("Tags", {})))
    return parsed | {"QueueName": url.rpartition("/")[2], "Tags": tags}


def _queue_policy(aws: Aws, _: str) -> Properties:
    url = aws("sqs").get_queue_url(QueueName="audited")["QueueUrl"]
    policy = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    return {"PolicyDocument": json.loads(policy), "Queues": [url.replace("127.0.0.1", "localhost")]}


def _parameter(aws: Aws, name: str) -> Properties:
    ssm = aws("ssm")
    (found,) = ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": [name]}])["Parameters"]
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    return found | {
        "Value": ssm.get_parameter(Name=name)["Parameter"]["Value"],
        "Tags": {tag["Key"]: tag["Value"] for tag in _own(tags)},
    }


def _machine(aws: Aws, arn: str) -> Properties:
    machine = aws("stepfunctions").describe_state_machine(stateMachineArn=arn)
    tags = aws("stepfunctions").list_tags_for_resource(resourceArn=arn)["tags"]
    log = machine["loggingConfiguration"]
    return {
        "Definition": json.loads(machine["definition"]),
        "RoleArn": machine["roleArn"],
        "StateMachineName": machine["name"],
        "StateMachineType": machine["type"],
        "LoggingConfiguration": {
            "Level": log["level"],
            "IncludeExecutionData": log["includeExecutionData"],
            "Destinations": [
                {"CloudWatchLogsLogGroup": {"LogGroupArn": item["cloudWatchLogsLogGroup"]["logGroupArn"]}}
                for item in log.get("destinations", [])
            ],
        },
        "TracingConfiguration": {"Enabled": machine["tracingConfiguration"]["enabled"]},
        "Tags": _own([{"Key": tag["key"], "Value": tag["value"]} for tag in tags]),
    }


def _tagged(found: Properties) -> Properties:
    return found | {"Tags": _own(found.get("Tags", []))}


def _own(tags: list[Properties]) -> list[Properties]:
    """The tags that are not CloudFormation's own."""
    return [tag for tag in tags if not tag["Key"].startswith("aws:")]


def _pairs(tags: dict[str, str]) -> list[Properties]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _json(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


READERS: dict[str, Callable[[Aws, str], Properties]] = {
    "AWS::CloudFormation::Stack": _nested_stack,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::EC2::RouteTable": _route_table,
    "AWS::EC2::SecurityGroup": _security_group,
    "AWS::EC2::Subnet": _subnet,
    "AWS::EC2::SubnetRouteTableAssociation": _association,
    "AWS::EC2::VPC": _vpc,
    "AWS::EC2::VPCEndpoint": _vpc_endpoint,
    "AWS::ECR::Repository": _repository,
    "AWS::Events::Rule": _rule,
    "AWS::IAM::ManagedPolicy": _managed_policy,
    "AWS::IAM::Policy": _inline_policy,
    "AWS::IAM::Role": _role,
    "AWS::KMS::Alias": _alias,
    "AWS::KMS::Key": _key,
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::Permission": _permission,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::S3::Bucket": _bucket,
    "AWS::S3::BucketPolicy": _bucket_policy,
    "AWS::SNS::Subscription": _subscription,
    "AWS::SNS::Topic": _topic,
    "AWS::SNS::TopicPolicy": _topic_policy,
    "AWS::SQS::Queue": _queue,
    "AWS::SQS::QueuePolicy": _queue_policy,
    "AWS::SSM::Parameter": _parameter,
    "AWS::StepFunctions::StateMachine": _machine,
}
