"""Register SageMaker with the AWS around it: its APIs, its resource types, its Step Functions tasks, its tags."""

from __future__ import annotations

import re

from sandbox import seams
from sandbox.sagemaker.cloudformation import resource_types
from sandbox.sagemaker.runtime import Runtime
from sandbox.sagemaker.service import SageMaker
from sandbox.sagemaker.stepfunctions import tasks

INVOCATIONS = re.compile(r"/endpoints/[^/]+/invocations")


def install(sagemaker: SageMaker) -> None:
    """Make ``sagemaker`` reachable through every door that AWS has for it."""
    seams.add_service("sagemaker", sagemaker.handle, target_prefix="SageMaker.", path=None)
    seams.add_service("sagemaker-runtime", Runtime(sagemaker).handle, target_prefix=None, path=INVOCATIONS)
    seams.add_tags("sagemaker", sagemaker.tags.everything)
    for type_name, handler in resource_types(sagemaker).items():
        seams.add_resource_type(type_name, handler)
    for resource_arn, run in tasks(sagemaker).items():
        seams.add_task(resource_arn, run)
