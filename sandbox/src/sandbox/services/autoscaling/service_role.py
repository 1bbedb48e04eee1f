"""The service-linked role by which Application Auto Scaling calls SageMaker and CloudWatch.

Source: AWS, "Service-linked roles for Application Auto Scaling": made at the first registration.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from botocore.exceptions import ClientError

from sandbox.frame.host import Host

PRINCIPAL = "sagemaker.application-autoscaling.amazonaws.com"
_NAME = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
_PATH = f"/aws-service-role/{PRINCIPAL}/"
SERVICE_ROLE = f"arn:aws:iam::{{account}}:role{_PATH}{_NAME}"
_TRUST = {"Effect": "Allow", "Principal": {"Service": PRINCIPAL}, "Action": "sts:AssumeRole"}
_POLICY = {
    "Effect": "Allow",
    "Action": [
        "sagemaker:DescribeEndpoint",
        "sagemaker:DescribeEndpointConfig",
        "sagemaker:UpdateEndpointWeightsAndCapacities",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:DeleteAlarms",
        "cloudwatch:GetMetricData",
    ],
    "Resource": "*",
}


def require_service_role(host: Host) -> None:
    """Make the role unless it is there. (ministack's CreateServiceLinkedRole gives it another name.)"""
    iam = host.client("iam")
    try:
        iam.get_role(RoleName=_NAME)
    except ClientError:
        iam.create_role(RoleName=_NAME, Path=_PATH, AssumeRolePolicyDocument=_document(_TRUST))
        iam.put_role_policy(RoleName=_NAME, PolicyName="SageMakerEndpoint", PolicyDocument=_document(_POLICY))


def _document(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
