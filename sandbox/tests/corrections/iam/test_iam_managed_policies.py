"""AWS's managed policies: read, attached and enforced; what is unknown or too much is refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import WaiterError
from iam_lab import ACCOUNT, IamLab, allow, refusal
from job_lab import Lab, trust, unique
from template_lab import Stack, resource, template
from waiting import WAITER

AWS = "arn:aws:iam::aws:policy/"
UNKNOWN = f"{AWS}AmazonSageMakerFulAccess"
OWN_UNKNOWN = f"arn:aws:iam::{ACCOUNT}:policy/missing"
NAMES = (
    "AmazonSageMakerFullAccess",
    "AmazonS3ReadOnlyAccess",
    "service-role/AWSLambdaBasicExecutionRole",
    "job-function/DataScientist",
)
ELEVEN = [
    "CanvasAIServicesAccess",
    "CanvasBedrockAccess",
    "CanvasFullAccess",
    "FeatureStoreAccess",
    "FullAccess",
    "JobFullAccess",
    "JobRuntimeAccess",
    "ModelRegistryFullAccess",
    "PipelinesIntegrations",
    "ReadOnly",
    "TrainingPlanCreateAccess",
]
TRUST = json.dumps(trust("sagemaker.amazonaws.com"))


def not_attachable(arn: str) -> tuple[str, str]:
    return "NoSuchEntity", f"Policy {arn} does not exist or is not attachable."


@pytest.mark.parametrize("name", NAMES)
def test_a_policy_is_read_by_its_default_version(iam: IamLab, name: str) -> None:
    policy = iam.iam.get_policy(PolicyArn=AWS + name)["Policy"]
    path, _, last = f"/{name}".rpartition("/")
    assert (policy["PolicyName"], policy["Path"], policy["IsAttachable"]) == (last, f"{path}/", True)
    read = iam.iam.get_policy_version(PolicyArn=AWS + name, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
    assert read["Document"]["Version"] == "2012-10-17"
    assert read["Document"]["Statement"]


def test_a_list_of_aws_policies_comes_in_pages(iam: IamLab) -> None:
    pages = list(iam.iam.get_paginator("list_policies").paginate(Scope="AWS"))
    listed = [policy["Arn"] for page in pages for policy in page["Policies"]]
    assert [len(page["Policies"]) for page in pages[:2]] == [100, 100]
    assert len(listed) == len(set(listed)) > 1000
    assert {AWS + name for name in NAMES} <= set(listed)
    assert refusal(iam.iam.list_policies, Marker="nonsense")[0] == "ValidationError"


def test_a_list_is_filtered(iam: IamLab) -> None:
    role, boundary = unique("role"), AWS + NAMES[3]
    iam.iam.create_role(RoleName=role, AssumeRolePolicyDocument=TRUST, PermissionsBoundary=boundary)
    iam.iam.attach_role_policy(RoleName=role, PolicyArn=AWS + NAMES[2])

    def listed(**filters: Any) -> set[str]:
        pages = iam.iam.get_paginator("list_policies").paginate(Scope="AWS", **filters)
        return {policy["Arn"] for page in pages for policy in page["Policies"]}

    assert AWS + NAMES[2] in listed(OnlyAttached=True)
    assert boundary not in listed(OnlyAttached=True)
    assert listed(PolicyUsageFilter="PermissionsBoundary") == {boundary}
    assert all("/job-function/" in arn for arn in listed(PathPrefix="/job-function/"))


@pytest.mark.parametrize("kind", ["role", "user", "group"])
@pytest.mark.parametrize("arn", [UNKNOWN, OWN_UNKNOWN, f"{AWS}AWSLambdaBasicExecutionRole"])
def test_an_unknown_policy_is_not_attached(iam: IamLab, kind: str, arn: str) -> None:
    attach, name = attaching(iam, kind)
    assert refusal(attach, PolicyArn=arn, **name) == not_attachable(arn)


def attaching(iam: IamLab, kind: str) -> tuple[Callable[..., Any], dict[str, str]]:
    """The call that attaches a policy to a new role, user or group."""
    name = {f"{kind.title()}Name": unique(kind)}
    trusted = {"AssumeRolePolicyDocument": TRUST} if kind == "role" else {}
    getattr(iam.iam, f"create_{kind}")(**name, **trusted)
    return getattr(iam.iam, f"attach_{kind}_policy"), name


def test_a_policy_of_a_linked_role_is_for_no_other_role(iam: IamLab) -> None:
    attach, name = attaching(iam, "role")
    linked = f"{AWS}aws-service-role/AWSApplicationAutoscalingSageMakerEndpointPolicy"
    sentence = "Cannot attach a Service Role Policy to a Customer Role."
    assert refusal(attach, PolicyArn=linked, **name) == ("PolicyNotAttachable", sentence)


@pytest.mark.parametrize("kind", ["role", "user", "group"])
def test_an_eleventh_policy_exceeds_the_quota(iam: IamLab, kind: str) -> None:
    attach, name = attaching(iam, kind)
    first, *rest = (f"{AWS}AmazonSageMaker{policy}" for policy in ELEVEN)
    for arn in rest:
        attach(PolicyArn=arn, **name)
    attach(PolicyArn=arn, **name)  # attached already: it is no eleventh
    sentence = f"Cannot exceed quota for PoliciesPer{kind.title()}: 10"
    assert refusal(attach, PolicyArn=first, **name) == ("LimitExceeded", sentence)


def test_a_right_to_attach_may_name_the_policy(iam: IamLab, stack: Stack) -> None:
    only = {"ArnEquals": {"iam:PolicyARN": AWS + NAMES[2]}}
    statements = (allow("iam:AttachRolePolicy", **only), allow("iam:CreateRole", "iam:GetRole", "iam:DeleteRole"))
    _, name = attaching(iam, "role")
    client = iam.tester("iam", *statements)
    client.attach_role_policy(PolicyArn=AWS + NAMES[2], **name)
    assert refusal(client.attach_role_policy, PolicyArn=AWS + NAMES[0], **name)[0] == "AccessDenied"
    body = template(Role=role(ManagedPolicyArns=[AWS + NAMES[2], AWS + NAMES[0]]))
    stack.cloudformation.create_stack(**stack._request(body, {}), RoleARN=iam.role("cloudformation", *statements))
    assert "is not authorized to perform: iam:AttachRolePolicy" in failure(stack)


def test_an_unknown_boundary_is_refused(iam: IamLab) -> None:
    code, message = refusal(
        iam.iam.create_role, RoleName=unique("role"), AssumeRolePolicyDocument=TRUST, PermissionsBoundary=UNKNOWN
    )
    assert (code, message) == ("NoSuchEntity", f"Scope ARN: {UNKNOWN} does not exist or is not attachable.")


def test_a_boundary_of_aws_limits(iam: IamLab) -> None:
    role = iam.role("lambda", {"Effect": "Allow", "Action": "*", "Resource": "*"}, PermissionsBoundary=AWS + NAMES[1])
    iam.as_role(role, "s3").list_buckets()
    assert "no permissions boundary allows" in refusal(iam.as_role(role, "sagemaker").list_models)[1]


def failure(stack: Stack) -> str:
    """The reasons of the stack's failure; it must fail."""
    with pytest.raises(WaiterError):
        stack.cloudformation.get_waiter("stack_create_complete").wait(StackName=stack.name, WaiterConfig=WAITER)
    events = stack.cloudformation.describe_stack_events(StackName=stack.name)["StackEvents"]
    return " ".join(event.get("ResourceStatusReason", "") for event in events)


def role(**properties: Any) -> dict[str, Any]:
    return resource("AWS::IAM::Role", AssumeRolePolicyDocument=trust("sagemaker.amazonaws.com"), **properties)


DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        (role(ManagedPolicyArns=[AWS + NAMES[0], UNKNOWN]), not_attachable(UNKNOWN)[1]),
        (role(ManagedPolicyArns=[OWN_UNKNOWN]), not_attachable(OWN_UNKNOWN)[1]),
        (role(PermissionsBoundary=UNKNOWN), f"Scope ARN: {UNKNOWN} does not exist or is not attachable."),
        (
            role(ManagedPolicyArns=[f"{AWS}AmazonSageMaker{name}" for name in ELEVEN]),
            "Cannot exceed quota for PoliciesPerRole: 10",
        ),
        (
            resource("AWS::IAM::ManagedPolicy", PolicyDocument=DOCUMENT, Roles=["missing"]),
            "The role with name missing cannot be found.",
        ),
        (
            resource("AWS::IAM::Policy", PolicyName="own", PolicyDocument=DOCUMENT, Users=["missing"]),
            "The user with name missing cannot be found.",
        ),
    ],
)
def test_a_stack_refuses_what_iam_refuses(iam: IamLab, stack: Stack, refused: dict[str, Any], sentence: str) -> None:
    stack.cloudformation.create_stack(**stack._request(template(Refused=refused), {}))
    assert sentence in failure(stack)


def test_a_stacks_role_has_aws_policies_and_loses_them(iam: IamLab, stack: Stack) -> None:
    def attached() -> set[str]:
        found = iam.iam.list_attached_role_policies(RoleName=stack.physical_id("Role"))["AttachedPolicies"]
        return {policy["PolicyArn"] for policy in found}

    stack.deploy(template(Role=role(ManagedPolicyArns=[AWS + NAMES[0]])))
    assert attached() == {AWS + NAMES[0]}
    stack.deploy(template(Role=role(ManagedPolicyArns=[AWS + NAMES[2]])))
    assert attached() == {AWS + NAMES[2]}


def strangers_role(iam: IamLab, name: str) -> str:
    """The role of a stranger's notebook: SageMaker may assume it, and it has one policy of AWS's."""
    made = iam.iam.create_role(RoleName=unique("AmazonSageMaker-ExecutionRole"), AssumeRolePolicyDocument=TRUST)["Role"]
    iam.iam.attach_role_policy(RoleName=made["RoleName"], PolicyArn=AWS + name)
    return made["Arn"]


def in_bucket(lab: Lab, bucket: str, script: str, **members: Any) -> dict[str, Any]:
    """A training request with code and models in a bucket."""
    request = lab.training("", **members)
    lab.s3.create_bucket(Bucket=bucket)
    lab.s3.put_object(Bucket=bucket, Key="code/main.py", Body=script)
    request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] = f"s3://{bucket}/code/main.py"
    return request | {"OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/models"}}


def test_training_with_sagemaker_full_access_runs_in_a_bucket_named_for_it(iam: IamLab, lab: Lab) -> None:
    request = in_bucket(lab, unique("sagemaker-us-east-1"), "", RoleArn=strangers_role(iam, NAMES[0]))
    lab.sagemaker.create_training_job(**request)
    described = lab.trained(request["TrainingJobName"])
    assert (described["TrainingJobStatus"], described.get("FailureReason")) == ("Completed", None)


def test_full_access_to_sagemaker_reaches_no_other_bucket(iam: IamLab, lab: Lab) -> None:
    request = in_bucket(lab, unique("other"), "", RoleArn=strangers_role(iam, NAMES[0]))
    lab.sagemaker.create_training_job(**request)
    described = lab.trained(request["TrainingJobName"])
    assert described["TrainingJobStatus"] == "Failed"
    assert "(403) when calling the HeadObject operation" in described["FailureReason"]


def test_training_that_may_only_read_s3_is_refused(iam: IamLab, lab: Lab) -> None:
    request = in_bucket(lab, unique("sagemaker-us-east-1"), "", RoleArn=strangers_role(iam, NAMES[1]))
    code, message = refusal(lab.sagemaker.create_training_job, **request)
    assert (code, "because no identity-based policy allows" in message) == ("ValidationException", True)


@pytest.mark.parametrize("path", ["/", "/service-role/"])
def test_a_role_of_any_path_is_simulated(iam: IamLab, path: str) -> None:
    """The SageMaker SDK asks so before each job, also of the console's role."""
    name = unique("simulated")
    arn = iam.iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    iam.iam.attach_role_policy(RoleName=name, PolicyArn=f"{AWS}AmazonSageMakerFullAccess")
    asked = ["ec2:CreateNetworkInterface", "iam:CreateUser"]
    found = iam.iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=asked)["EvaluationResults"]
    assert [each["EvalDecision"] for each in found] == ["allowed", "implicitDeny"]
