"""Rows of CloudFormation's own waits."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.corrections.templates.honoured.row import Honoured, honoured

ROWS: Mapping[str, Honoured] = {
    "AWS::CloudFormation::WaitCondition": honoured("Count Handle Timeout", "Data"),
    "AWS::CloudFormation::WaitConditionHandle": honoured(""),
}
