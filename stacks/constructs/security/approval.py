"""The approval status that a workflow may give a version.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon SageMaker AI"
(sagemaker:ModelApprovalStatus, of CreateModelPackage and UpdateModelPackage).
"""

from __future__ import annotations

from typing import Any


def with_status(status: str, *others: str) -> dict[str, Any]:
    """The condition of a call that sets one of these statuses.

    A call that sets no status has no such key, and is refused.
    """
    return {"StringEquals": {"sagemaker:ModelApprovalStatus": [status, *others] if others else status}}
