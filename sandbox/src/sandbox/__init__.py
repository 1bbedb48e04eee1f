"""A local AWS: ministack, corrected, and the services that it lacks. It knows AWS's APIs and nothing of this project.

The public face: the command line (`python -m sandbox --help`), `accepts` and `alarm_state` of this module,
and `sandbox.access`. All else may change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.corrections.templates.finding import Finding

__all__ = ["Finding", "accepts", "alarm_state"]


def accepts(template: Mapping[str, Any]) -> list[Finding]:
    """Find every reason to refuse a CloudFormation template, without a running server.

    Conditions count as true. A deploy may still fail by its parameters, existing names, or roles.

    Args:
        template: the template as an object, with functions in their long form (`{"Ref": "Bucket"}`).

    Returns:
        The findings in the order of the template; an empty list if the sandbox deploys it.

    Example:
        >>> accepts({"Resources": {"Bucket": {"Type": "AWS::S3::Buckt"}}})
        [Finding(place='Bucket', type_name='AWS::S3::Buckt', fault='CloudFormation has no such resource type')]
    """
    from sandbox import acceptance  # loads ministack: processes of models and jobs import this package, too

    return acceptance.accepts(template)


def alarm_state(alarm: Mapping[str, Any], datapoint: Callable[[str, str, int], float | None]) -> str | None:
    """Work out the state of an AWS::CloudWatch::Alarm from datapoints, without a running server.

    Args:
        alarm: the properties of the resource, with `Metrics` or one metric.
        datapoint: gives a metric's statistic some periods ago, 0 for the last one: `datapoint("Errors", "Sum", 0)`;
            None without data.

    Returns:
        ALARM, OK or INSUFFICIENT_DATA; None if the alarm keeps its state.

    Example:
        >>> one = {"MetricName": "Errors", "Statistic": "Sum", "EvaluationPeriods": 1, "Threshold": 5}
        >>> alarm_state(one | {"ComparisonOperator": "GreaterThanThreshold"}, lambda metric, statistic, ago: 6)
        'ALARM'
    """
    from sandbox import alarm_states

    return alarm_states.alarm_state(alarm, datapoint)
