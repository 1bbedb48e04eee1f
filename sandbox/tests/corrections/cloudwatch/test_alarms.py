"""Metric alarms, on which rollbacks and scaling stand: their own dimensions, periods, units and missing data count."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from fleet_lab import Queue
from job_lab import unique
from waiting import until

MINUTE = datetime.timedelta(minutes=1)


class Alarm:
    """An alarm that rings above five, and its metric."""

    def __init__(self, cloudwatch: Any, **members: Any) -> None:
        self.cloudwatch, self.name = cloudwatch, unique("alarm")
        self.metric = {"MetricName": self.name, "Dimensions": [{"Name": "Fleet", "Value": "new"}]}
        alarm = {"Namespace": "Ours", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 5}
        cloudwatch.put_metric_alarm(
            AlarmName=self.name, ComparisonOperator="GreaterThanThreshold", **{**self.metric, **alarm, **members}
        )

    def put(self, value: float, minutes_ago: float = 0, **members: Any) -> None:
        moment = datetime.datetime.now(datetime.UTC) - minutes_ago * MINUTE
        datum = {**self.metric, "Value": value, "Timestamp": moment, **members}
        self.cloudwatch.put_metric_data(Namespace="Ours", MetricData=[datum])

    def state(self) -> str:
        return self.cloudwatch.describe_alarms(AlarmNames=[self.name])["MetricAlarms"][0]["StateValue"]


@pytest.fixture(scope="module")
def cloudwatch(aws: Any) -> Any:
    return aws("cloudwatch")


def test_alarm_sees_its_own_dimensions_and_units_only(cloudwatch: Any) -> None:
    alarm = Alarm(cloudwatch, Unit="Count")
    alarm.put(1, Unit="Count")
    until(lambda: alarm.state() == "OK")
    alarm.put(9, Unit="Count", Dimensions=[{"Name": "Fleet", "Value": "old"}])
    alarm.put(9, Unit="Seconds")
    alarm.put(9, Unit="Count", Dimensions=[])
    assert alarm.state() == "OK"
    alarm.put(9, Unit="Count")
    until(lambda: alarm.state() == "ALARM")


@pytest.mark.parametrize(
    ("treat", "state"), [("notBreaching", "OK"), ("breaching", "ALARM"), ("missing", "INSUFFICIENT_DATA")]
)
def test_missing_data_is_treated_as_declared(cloudwatch: Any, treat: str, state: str) -> None:
    alarm = Alarm(cloudwatch, TreatMissingData=treat)
    until(lambda: alarm.state() == state)


@pytest.mark.parametrize(
    ("values", "state"), [((9, 1, 9), "ALARM"), ((9, 9, 1), "ALARM"), ((9, 1, 1), "OK"), ((1, 1, 9), "OK")]
)
def test_datapoints_to_alarm_of_evaluation_periods(cloudwatch: Any, values: tuple[float, ...], state: str) -> None:
    alarm = Alarm(cloudwatch, EvaluationPeriods=3, DatapointsToAlarm=2)
    for age, value in zip((2.5, 1.5, 0), values, strict=True):
        alarm.put(value, age)
    until(lambda: alarm.state() == state)


def test_transition_tells_the_topic(cloudwatch: Any, aws: Any) -> None:
    topic = aws("sns").create_topic(Name=unique("topic"))["TopicArn"]
    queue = Queue(aws("sqs"))
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    alarm = Alarm(cloudwatch, AlarmActions=[topic], TreatMissingData="notBreaching")
    alarm.put(9)
    told = [json.loads(message["Message"]) for message in queue.receive(1)]
    assert told[-1]["NewStateReason"] == (
        "Threshold Crossed: 1 out of the last 1 datapoints [9.0] was greater than the threshold (5.0)."
    )


def share_of_errors(cloudwatch: Any, name: str, expression: str) -> None:
    """An alarm on the errors' share of the calls."""
    metrics = [
        {
            "Id": metric,
            "MetricStat": {"Metric": {"Namespace": name, "MetricName": metric}, "Period": 60, "Stat": "Sum"},
            "ReturnData": False,
        }
        for metric in ("errors", "calls")
    ]
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Metrics=[{"Id": "share", "Expression": expression}, *metrics],
        EvaluationPeriods=1,
        Threshold=5,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )


def test_alarm_on_metric_math(cloudwatch: Any) -> None:
    """Before, such an alarm was accepted and never evaluated."""
    name = unique("share")
    share_of_errors(cloudwatch, name, "IF(calls >= 10, 100 * errors / calls, 0)")

    def described() -> dict[str, Any]:
        return cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]

    def put(errors: float, calls: float) -> None:
        data = [{"MetricName": "errors", "Value": errors}, {"MetricName": "calls", "Value": calls}]
        cloudwatch.put_metric_data(Namespace=name, MetricData=data)

    until(lambda: described()["StateValue"] == "OK")
    put(1, 1)
    assert described()["StateValue"] == "OK", "one failed call of one is too few to judge by"
    put(0, 9)
    until(lambda: described()["StateValue"] == "ALARM")
    assert "[10.0]" in described()["StateReason"]
    assert described()["Metrics"][0]["Expression"] == "IF(calls >= 10, 100 * errors / calls, 0)"
    assert "MetricName" not in described()


def test_alarm_on_metric_math_that_is_not_offered(cloudwatch: Any) -> None:
    with pytest.raises(ClientError, match=r"ValidationError.*the sandbox does not implement FILL"):
        share_of_errors(cloudwatch, unique("share"), "FILL(errors, 0)")
