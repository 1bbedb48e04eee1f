"""Calls over HTTP are authorized as their role: actions, resources, conditions, and what comes with a call."""

from __future__ import annotations

from typing import Any

import pytest
from iam_lab import ACCOUNT, IamLab, allow, deny, document, refusal, sagemaker_arn
from job_lab import Lab, unique


def test_a_refusal_names_principal_action_and_resource(iam: IamLab) -> None:
    client = iam.tester("sagemaker", allow("sagemaker:DescribeModel", on=sagemaker_arn("model/mine")))
    code, message = refusal(client.describe_model, ModelName="theirs")
    assert code == "AccessDeniedException"
    assert message.startswith(f"User: arn:aws:sts::{ACCOUNT}:assumed-role/role-")
    assert message.endswith(
        f"/tester is not authorized to perform: sagemaker:DescribeModel on resource: {sagemaker_arn('model/theirs')} "
        "because no identity-based policy allows the sagemaker:DescribeModel action"
    )
    assert refusal(client.describe_model, ModelName="mine")[0] == "ValidationException", "it does not exist"


def test_an_explicit_deny_is_said(iam: IamLab) -> None:
    client = iam.tester("sagemaker", allow("sagemaker:*"), deny("sagemaker:ListModels"))
    assert client.list_endpoints()["Endpoints"] == client.list_endpoints()["Endpoints"]
    assert refusal(client.list_models)[1].endswith("with an explicit deny in an identity-based policy")


def test_a_permissions_boundary_limits(iam: IamLab) -> None:
    policy = iam.iam.create_policy(PolicyName=unique("boundary"), PolicyDocument=document(allow("sagemaker:List*")))
    client = iam.tester("sagemaker", allow("sagemaker:*"), PermissionsBoundary=policy["Policy"]["Arn"])
    client.list_models()
    _, message = refusal(client.describe_model, ModelName="any")
    assert message.endswith("because no permissions boundary allows the sagemaker:DescribeModel action")


@pytest.mark.parametrize(
    ("granted", "missing"),
    [
        ([], "sagemaker:CreateTrainingJob"),
        (["sagemaker:CreateTrainingJob"], "sagemaker:AddTags"),
        (["sagemaker:CreateTrainingJob", "sagemaker:AddTags"], "iam:PassRole"),
    ],
)
def test_creation_demands_what_comes_with_it(iam: IamLab, lab: Lab, granted: list[str], missing: str) -> None:
    client = iam.tester("sagemaker", allow("s3:GetObject", *granted))
    request = lab.training("", Tags=[{"Key": "team", "Value": "digits"}])
    code, message = refusal(client.create_training_job, **request)
    resource = lab.role if missing == "iam:PassRole" else sagemaker_arn(f"training-job/{request['TrainingJobName']}")
    assert (code, f"perform: {missing} on resource: {resource} " in message) == ("AccessDeniedException", True)


@pytest.mark.parametrize(("service", "allowed"), [("sagemaker", True), ("lambda", False)])
def test_a_role_is_passed_to_one_service(iam: IamLab, lab: Lab, service: str, allowed: bool) -> None:
    passing = allow("iam:PassRole", on=lab.role, StringEquals={"iam:PassedToService": f"{service}.amazonaws.com"})
    client = iam.tester("sagemaker", allow("sagemaker:CreateTrainingJob"), passing)
    request = lab.training("")
    if allowed:
        client.create_training_job(**request)
        assert lab.trained(request["TrainingJobName"])["TrainingJobStatus"] == "Completed"
    else:
        assert "iam:PassRole" in refusal(client.create_training_job, **request)[1]


@pytest.mark.parametrize(
    ("operator", "condition"),
    [
        ("ForAllValues:StringEquals", {"sagemaker:InstanceTypes": ["ml.m5.large"]}),
        ("StringEquals", {"aws:RequestTag/team": "digits"}),
        ("NumericLessThanEquals", {"sagemaker:MaxRuntimeInSeconds": "600"}),
    ],
)
def test_condition_keys_of_a_job(iam: IamLab, lab: Lab, operator: str, condition: dict[str, Any]) -> None:
    statement = allow("sagemaker:CreateTrainingJob", **{operator: condition})
    client = iam.tester("sagemaker", statement, allow("sagemaker:AddTags"))
    met = lab.training("", Tags=[{"Key": "team", "Value": "digits"}])
    other = met | {
        "ResourceConfig": met["ResourceConfig"] | {"InstanceType": "ml.p5.48xlarge"},
        "StoppingCondition": {"MaxRuntimeInSeconds": 601},
        "Tags": [{"Key": "team", "Value": "faces"}],
    }
    assert "iam:PassRole" in refusal(client.create_training_job, **met)[1], "the condition is met"
    assert "sagemaker:CreateTrainingJob" in refusal(client.create_training_job, **other)[1]


def test_policy_variables_have_the_principals_values(iam: IamLab) -> None:
    statement = allow("sagemaker:DescribeModel", on=sagemaker_arn("model/${aws:PrincipalTag/team}-*"))
    client = iam.tester("sagemaker", statement, Tags=[{"Key": "team", "Value": "digits"}])
    assert refusal(client.describe_model, ModelName="digits-1")[0] == "ValidationException"
    assert refusal(client.describe_model, ModelName="faces-1")[0] == "AccessDeniedException"


def test_tags_of_a_resource_are_a_condition(iam: IamLab, aws: Any) -> None:
    sagemaker, names = aws("sagemaker"), (unique("group"), unique("group"))
    for name, team in zip(names, ("digits", "faces"), strict=True):
        sagemaker.create_model_package_group(ModelPackageGroupName=name, Tags=[{"Key": "team", "Value": team}])
    client = iam.tester(
        "sagemaker", allow("sagemaker:DeleteModelPackageGroup", StringEquals={"aws:ResourceTag/team": "digits"})
    )
    client.delete_model_package_group(ModelPackageGroupName=names[0])
    assert refusal(client.delete_model_package_group, ModelPackageGroupName=names[1])[0] == "AccessDeniedException"


def test_tags_may_be_limited_to_the_creation(iam: IamLab, aws: Any) -> None:
    """A tag that opens a permission cannot be put on what exists already."""
    tags = [{"Key": "team", "Value": "digits"}]
    tagging = allow("sagemaker:AddTags", StringEquals={"sagemaker:TaggingAction": "CreateModelPackageGroup"})
    client = iam.tester("sagemaker", allow("sagemaker:CreateModelPackageGroup"), tagging)
    group = client.create_model_package_group(ModelPackageGroupName=unique("group"), Tags=tags)["ModelPackageGroupArn"]
    assert refusal(client.add_tags, ResourceArn=group, Tags=tags)[1].endswith("allows the sagemaker:AddTags action")
    other = allow("sagemaker:AddTags", StringEquals={"sagemaker:TaggingAction": "CreateModel"})
    client = iam.tester("sagemaker", allow("sagemaker:CreateModelPackageGroup"), other)
    refused = refusal(client.create_model_package_group, ModelPackageGroupName=unique("group"), Tags=tags)
    assert "perform: sagemaker:AddTags on resource" in refused[1]


def test_grants_may_be_limited_to_services_of_aws(iam: IamLab, aws: Any) -> None:
    key = aws("kms").create_key()["KeyMetadata"]["Arn"]
    limited = allow("kms:CreateGrant", Bool={"kms:GrantIsForAWSResource": "true"})
    grant = {"KeyId": key, "GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:root", "Operations": ["Decrypt"]}
    assert refusal(iam.tester("kms", limited).create_grant, **grant)[0] == "AccessDeniedException"
    assert iam.tester("kms", allow("kms:CreateGrant")).create_grant(**grant)["GrantId"]


def test_invoking_an_endpoint_is_a_permission_on_it(iam: IamLab) -> None:
    client = iam.tester("sagemaker-runtime", allow("sagemaker:InvokeEndpoint", on=sagemaker_arn("endpoint/mine")))
    code, message = refusal(client.invoke_endpoint, EndpointName="Theirs", Body=b"{}")
    assert code == "AccessDeniedException"
    assert f"sagemaker:InvokeEndpoint on resource: {sagemaker_arn('endpoint/theirs')} because no identity" in message
    assert "not found" in refusal(client.invoke_endpoint, EndpointName="Mine", Body=b"{}")[1]


def test_the_query_cannot_name_another_action(iam: IamLab) -> None:
    """ministack would authorize the query's harmless action, and then serve the header's."""
    client = iam.tester("sagemaker", allow("sagemaker:ListModels"))

    def smuggle(request: Any, **_: Any) -> None:
        request.url += "?Action=ListModels"

    client.meta.events.register_first("before-sign.sagemaker.*", smuggle)
    assert refusal(client.list_endpoints)[0] == "AccessDeniedException"


def test_application_auto_scaling_is_authorized(iam: IamLab) -> None:
    client = iam.tester("application-autoscaling", allow("application-autoscaling:DescribeScalingPolicies"))
    client.describe_scaling_policies(ServiceNamespace="sagemaker")
    code, message = refusal(client.describe_scalable_targets, ServiceNamespace="sagemaker")
    assert (code, "DescribeScalableTargets on resource: *" in message) == ("AccessDeniedException", True)


@pytest.mark.parametrize(
    ("namespace", "dimension", "refused"),
    [
        ("sagemaker", "sagemaker:variant:DesiredInstanceCount", "ObjectNotFoundException"),
        ("ecs", "sagemaker:variant:DesiredInstanceCount", "AccessDeniedException"),
        ("sagemaker", "ecs:service:DesiredCount", "AccessDeniedException"),
    ],
)
def test_scaling_may_be_limited_by_namespace_and_dimension(
    iam: IamLab, namespace: str, dimension: str, refused: str
) -> None:
    keys = {
        "application-autoscaling:service-namespace": namespace,
        "application-autoscaling:scalable-dimension": dimension,
    }
    client = iam.tester("application-autoscaling", allow("application-autoscaling:*", StringEquals=keys))
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/none/variant/AllTraffic",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    assert refusal(client.deregister_scalable_target, **target)[0] == refused


def test_reading_of_scaling_has_no_condition_keys(iam: IamLab) -> None:
    keys = {"application-autoscaling:service-namespace": "sagemaker"}
    client = iam.tester("application-autoscaling", allow("application-autoscaling:*", StringEquals=keys))
    code, _ = refusal(client.describe_scalable_targets, ServiceNamespace="sagemaker")
    assert code == "AccessDeniedException"


def test_other_services_name_the_resource_too(iam: IamLab, lab: Lab) -> None:
    code, message = refusal(iam.tester("s3").get_object, Bucket=lab.bucket, Key="any")
    assert (code, f"s3:GetObject on resource: arn:aws:s3:::{lab.bucket}/any because" in message) == (
        "AccessDenied",
        True,
    )


def test_the_approval_status_is_a_condition_of_creating_and_updating_versions(iam: IamLab, aws: Any) -> None:
    """A call without a status has no such key. Nor has a list, though its filter has the name."""
    group = unique("group")
    aws("sagemaker").create_model_package_group(ModelPackageGroupName=group)
    pending = {"ModelApprovalStatus": "PendingManualApproval"}
    actions = [f"sagemaker:{verb}ModelPackage{end}" for verb, end in (("Create", ""), ("Update", ""), ("List", "s"))]
    only = {"StringEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}}
    client = iam.tester("sagemaker", allow(*actions, **only))
    arn = client.create_model_package(ModelPackageGroupName=group, **pending)["ModelPackageArn"]
    client.update_model_package(ModelPackageArn=arn, **pending)
    for status in ({"ModelApprovalStatus": "Approved"}, {}):
        assert refusal(client.create_model_package, ModelPackageGroupName=group, **status)[0] == "AccessDeniedException"
        assert refusal(client.update_model_package, ModelPackageArn=arn, **status)[0] == "AccessDeniedException"
    assert refusal(client.list_model_packages, ModelPackageGroupName=group, **pending)[0] == "AccessDeniedException"
