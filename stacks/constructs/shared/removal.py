"""The fate of data, key and registry when their stack is destroyed."""

from __future__ import annotations

from aws_cdk import RemovalPolicy

from specs.environment import Retention


def removal_policy(retention: Retention) -> RemovalPolicy:
    """The removal policy of everything that holds data.

    A creation that is rolled back keeps nothing: what it left would have the names that the next one needs
    (AWS CloudFormation, "DeletionPolicy attribute", RetainExceptOnCreate).
    """
    return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if retention.data == "retain" else RemovalPolicy.DESTROY
