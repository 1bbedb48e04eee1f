"""Rows of what CloudFormation itself does: nested stacks and waits."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.corrections.templates.honoured.row import Honoured, honoured

ROWS: Mapping[str, Honoured] = {
    "AWS::CloudFormation::Stack": honoured("Parameters Tags TemplateURL"),
    "AWS::CloudFormation::WaitCondition": honoured("Count Handle Timeout", "Data"),
    "AWS::CloudFormation::WaitConditionHandle": honoured(""),
}
