"""The newest Approved version of a model package group: the champion of its own model, the judge of another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs.security.statements import allow
from stacks.constructs.workflows.jsonata import RESULT, Jsonata, first_of
from stacks.constructs.workflows.task import Task

_FOUND = Jsonata(f"{RESULT}.ModelPackageSummaryList[0].ModelPackageArn")
NEWEST = first_of(_FOUND, "''")
"""The ARN of the version that was found, or the empty text."""


class NewestApproved(Task):
    """Looks for the version; `assign` says where NEWEST goes."""

    def __init__(self, scope: Construct, id_: str, *, role: iam.Role, group: str, assign: Mapping[str, Any]) -> None:
        super().__init__(
            scope,
            id_,
            role=role,
            resource="aws-sdk:sagemaker:listModelPackages",
            arguments={
                "ModelPackageGroupName": group,
                "ModelApprovalStatus": "Approved",
                "SortBy": "CreationTime",
                "SortOrder": "Descending",
                "MaxResults": 1,
            },
            # ListModelPackages knows no resource (Service Authorization Reference, "Actions for Amazon SageMaker").
            statements=[allow(["sagemaker:ListModelPackages"], ["*"])],
            assign=assign,
        )
