"""The names by which SageMaker assumes roles and sends events."""

from __future__ import annotations

PRINCIPAL = "sagemaker.amazonaws.com"
EVENTS = "aws.sagemaker"
