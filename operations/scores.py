"""A version's accuracy, from the evaluation that was registered with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from operations.explain import is_missing

if TYPE_CHECKING:
    from operations.aws import Connection
    from operations.registry import PackageVersion


def score(connection: Connection, package: PackageVersion, metric: str = "accuracy") -> float | None:
    """The metric of a version's evaluation; None if none was registered, or if its report is gone."""
    described = connection.client("sagemaker").describe_model_package(ModelPackageName=package.arn)
    statistics = described.get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {})
    if "S3Uri" not in statistics:
        return None
    place = urlsplit(statistics["S3Uri"])
    try:
        answer = connection.client("s3").get_object(Bucket=place.netloc, Key=place.path.lstrip("/"))
    except ClientError as error:
        if is_missing(error):
            return None
        raise
    return json.loads(answer["Body"].read()).get("metrics", {}).get(metric)
