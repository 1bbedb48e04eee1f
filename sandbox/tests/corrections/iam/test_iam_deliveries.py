"""Deliveries by AWS's services: alarms and rules to topics, topics to queues, events to dead-letter queues."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from iam_lab import ACCOUNT, deny, document
from job_lab import unique
from template_lab import Stack, resource, template
from waiting import until

OF_THIS_ACCOUNT = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
TLS_ONLY = {**deny("sns:Publish"), "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
ROOT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}


def publish(service: str, **condition: Any) -> dict[str, Any]:
    """A topic's statement that lets a service publish."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sns:Publish", "Resource": "*"}
    return {**statement, "Condition": condition} if condition else statement


def use(service: str, **condition: Any) -> dict[str, Any]:
    """A key's statement that lets a service encrypt."""
    return {**publish(service, **condition), "Action": ["kms:Decrypt", "kms:GenerateDataKey*"]}


CLOUDWATCH, EVENTS, SNS = (f"{name}.amazonaws.com" for name in ("cloudwatch", "events", "sns"))


class Wire:
    """A topic with a queue behind it, and an alarm and a rule before it."""

    def __init__(self, aws: Any) -> None:
        self.aws, self.name = aws, unique("wire")
        self.topic = aws("sns").create_topic(Name=self.name)["TopicArn"]
        self.queue = self.make_queue("received", SNS)
        aws("sns").subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=self.queue)

    def make_queue(self, use_: str, *services: str, **attributes: str) -> str:
        """The ARN of a queue that these services may send to."""
        arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{self.name}-{use_}"
        statements = [{**publish(service), "Action": "sqs:SendMessage"} for service in services]
        policy = {"Policy": document(*statements)} if statements else {}
        self.aws("sqs").create_queue(QueueName=f"{self.name}-{use_}", Attributes={**policy, **attributes})
        return arn

    def allow(self, *statements: dict[str, Any]) -> None:
        """Replace the topic's policy."""
        self.aws("sns").set_topic_attributes(
            TopicArn=self.topic, AttributeName="Policy", AttributeValue=document(*statements)
        )

    def key(self, *statements: dict[str, Any]) -> str:
        made = self.aws("kms").create_key(Policy=document(ROOT, *statements))
        return made["KeyMetadata"]["Arn"]

    def encrypt(self, key: str) -> None:
        self.aws("sns").set_topic_attributes(TopicArn=self.topic, AttributeName="KmsMasterKeyId", AttributeValue=key)

    def ring(self) -> dict[str, Any]:
        """Set an alarm off; gives the history's item on its action."""
        cloudwatch = self.aws("cloudwatch")
        cloudwatch.put_metric_alarm(
            AlarmName=self.name,
            Namespace="Ours",
            MetricName=self.name,
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            AlarmActions=[self.topic],
            TreatMissingData="ignore",
        )
        cloudwatch.set_alarm_state(AlarmName=self.name, StateValue="ALARM", StateReason="a test")
        found = cloudwatch.describe_alarm_history(AlarmName=self.name, HistoryItemType="Action")["AlarmHistoryItems"]
        assert len(found) == 1
        return found[0]

    def send(self, target: str, **members: Any) -> None:
        """Send an event to a target by a rule."""
        events = self.aws("events")
        events.put_rule(Name=self.name, EventPattern=json.dumps({"source": [self.name]}))
        events.put_targets(Rule=self.name, Targets=[{"Id": "target", "Arn": target, **members}])
        events.put_events(Entries=[{"Source": self.name, "DetailType": "t", "Detail": '{"number": 7}'}])

    def metric(self, name: str) -> float:
        """The sum of one of the rule's metrics."""
        import datetime

        now = datetime.datetime.now(datetime.UTC)
        found = self.aws("cloudwatch").get_metric_statistics(
            Namespace="AWS/Events",
            MetricName=name,
            Dimensions=[{"Name": "RuleName", "Value": self.name}],
            StartTime=now - datetime.timedelta(hours=1),
            EndTime=now + datetime.timedelta(minutes=1),
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(point["Sum"] for point in found)

    def received(self, queue: str) -> list[dict[str, Any]]:
        """The messages that lie in a queue now."""
        url = self.aws("sqs").get_queue_url(QueueName=queue.rpartition(":")[2])["QueueUrl"]
        return (
            self.aws("sqs")
            .receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], VisibilityTimeout=0)
            .get("Messages", [])
        )


@pytest.fixture
def wire(aws: Any) -> Iterator[Wire]:
    made = Wire(aws)
    yield made
    aws("cloudwatch").delete_alarms(AlarmNames=[made.name])


def test_alarm_reaches_a_topic_with_the_default_policy(wire: Wire) -> None:
    item = wire.ring()
    assert item["HistorySummary"] == f"Successfully executed action {wire.topic}"
    assert json.loads(item["HistoryData"])["actionState"] == "Succeeded"
    assert len(wire.received(wire.queue)) == 1


def test_alarm_is_refused_by_a_policy_that_replaced_the_default_one(wire: Wire) -> None:
    """The policy of `enforce_ssl`: it denies, and nothing allows."""
    wire.allow(TLS_ONLY)
    item = wire.ring()
    alarm = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:{wire.name}"
    assert item["HistorySummary"] == (
        f'Failed to execute action {wire.topic}. Received error: "Resource: {alarm} is not authorized to perform: '
        f'SNS:Publish on resource: {wire.topic} because no resource-based policy allows the SNS:Publish action"'
    )
    assert json.loads(item["HistoryData"])["actionState"] == "Failed"
    assert wire.received(wire.queue) == []


@pytest.mark.parametrize(
    ("condition", "arrives"),
    [
        (OF_THIS_ACCOUNT, True),
        ({"StringEquals": {"aws:SourceAccount": "111111111111"}}, False),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:wire*"}}, True),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:other*"}}, False),
    ],
)
def test_alarm_brings_its_account_and_arn(wire: Wire, condition: dict[str, Any], arrives: bool) -> None:
    wire.allow(TLS_ONLY, publish(CLOUDWATCH, **condition))
    assert wire.ring()["HistorySummary"].startswith("Successfully" if arrives else "Failed")


NO_KEY = "CloudWatch Alarms does not have authorization to access the SNS topic encryption key."


@pytest.mark.parametrize(
    ("statements", "arrives"),
    [
        ((), False),
        ((use(CLOUDWATCH),), True),
        ((use(CLOUDWATCH, **OF_THIS_ACCOUNT),), True),
        (({**use(CLOUDWATCH), "Action": "kms:Decrypt"},), False),
        ((use(EVENTS),), False),
    ],
)
def test_alarm_needs_the_key_of_the_topic(wire: Wire, statements: tuple[dict[str, Any], ...], arrives: bool) -> None:
    wire.encrypt(wire.key(*statements))
    item = wire.ring()
    if arrives:
        assert item["HistorySummary"].startswith("Successfully")
    else:
        assert item["HistorySummary"] == f'Failed to execute action {wire.topic}. Received error: "{NO_KEY}"'


def test_alarm_cannot_use_the_key_that_aws_manages(wire: Wire) -> None:
    wire.encrypt("alias/aws/sns")
    assert NO_KEY in wire.ring()["HistorySummary"]


def test_rule_publishes_by_the_topics_policy_and_without_conditions(wire: Wire) -> None:
    """EventBridge User Guide: "You can't use Condition blocks in Amazon SNS topic policies for EventBridge"."""
    wire.send(wire.topic)
    wire.allow(publish(EVENTS, **OF_THIS_ACCOUNT))
    wire.send(wire.topic)
    assert wire.received(wire.queue) == [], "neither the default policy nor one with a condition lets a rule publish"
    assert wire.metric("FailedInvocations") == 2
    wire.allow(TLS_ONLY, publish(EVENTS))
    wire.send(wire.topic)
    assert len(wire.received(wire.queue)) == 1
    assert (wire.metric("Invocations"), wire.metric("FailedInvocations")) == (3, 2)


@pytest.mark.parametrize(("condition", "arrives"), [({}, True), (OF_THIS_ACCOUNT, False)])
def test_rule_uses_the_topics_key_without_conditions(wire: Wire, condition: dict[str, Any], arrives: bool) -> None:
    """Amazon SNS Developer Guide: aws:SourceAccount in a key policy "is not supported for EventBridge-to-encrypted
    topics"."""
    wire.allow(publish(EVENTS))
    wire.encrypt(wire.key(use(EVENTS, **condition)))
    wire.send(wire.topic)
    assert len(wire.received(wire.queue)) == arrives
    assert wire.metric("FailedInvocations") == (not arrives)


def dead_letter(wire: Wire) -> dict[str, str]:
    (message,) = wire.received(f"arn:aws:sqs:us-east-1:{ACCOUNT}:{wire.name}-dead")
    assert json.loads(message["Body"])["detail"] == {"number": 7}
    return {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}


def test_refused_event_goes_to_the_dead_letter_queue(wire: Wire) -> None:
    dead = wire.make_queue("dead", EVENTS)
    transformer = {"InputPathsMap": {"n": "$.detail.number"}, "InputTemplate": '"number <n>"'}
    wire.send(wire.topic, DeadLetterConfig={"Arn": dead}, InputTransformer=transformer)
    assert dead_letter(wire) == {
        "RULE_ARN": f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{wire.name}",
        "TARGET_ARN": wire.topic,
        "ERROR_CODE": "NO_PERMISSIONS",
        "ERROR_MESSAGE": f"{EVENTS} is not authorized to perform: sns:Publish on resource: {wire.topic} because no "
        "resource-based policy allows the sns:Publish action",
        "RETRY_ATTEMPTS": "0",
    }
    assert wire.metric("InvocationsSentToDlq") == 1


@pytest.mark.parametrize(
    "target",
    [
        f"arn:aws:sns:us-east-1:{ACCOUNT}:nowhere",
        f"arn:aws:sqs:us-east-1:{ACCOUNT}:nowhere",
        f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:nowhere",
    ],
)
def test_event_for_a_target_that_is_gone_goes_to_the_dead_letter_queue(wire: Wire, target: str) -> None:
    wire.send(target, DeadLetterConfig={"Arn": wire.make_queue("dead", EVENTS)})
    assert dead_letter(wire)["ERROR_CODE"] == "NO_RESOURCE"


def test_state_machine_is_a_target_by_role_only(wire: Wire) -> None:
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = wire.aws("iam").create_role(RoleName=wire.name, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    states = wire.aws("stepfunctions")
    machine = states.create_state_machine(name=wire.name, definition=definition, roleArn=role)["stateMachineArn"]
    wire.send(machine, DeadLetterConfig={"Arn": wire.make_queue("dead", EVENTS)})
    assert dead_letter(wire)["ERROR_CODE"] == "NO_PERMISSIONS"
    assert states.list_executions(stateMachineArn=machine)["executions"] == []


@pytest.mark.parametrize("arn", ["other", ""])
def test_dead_letter_queue_lets_the_rule_in_by_its_policy(wire: Wire, arn: str) -> None:
    dead = wire.make_queue("dead")
    if arn:
        statement = {**publish(EVENTS, ArnEquals={"aws:SourceArn": arn}), "Action": "sqs:SendMessage"}
        url = wire.aws("sqs").get_queue_url(QueueName=f"{wire.name}-dead")["QueueUrl"]
        wire.aws("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(statement)})
    wire.send(wire.topic, DeadLetterConfig={"Arn": dead})
    assert wire.received(dead) == []
    assert wire.metric("InvocationsFailedToBeSentToDlq") == 1


def test_depth_of_a_queue_is_a_metric(wire: Wire) -> None:
    """An alarm on a dead-letter queue needs it."""
    dead = wire.make_queue("dead", EVENTS)
    cloudwatch = wire.aws("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=wire.name,
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": f"{wire.name}-dead"}],
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )

    def state() -> str:
        return cloudwatch.describe_alarms(AlarmNames=[wire.name])["MetricAlarms"][0]["StateValue"]

    until(lambda: state() == "OK")
    wire.send(wire.topic, DeadLetterConfig={"Arn": dead})
    until(lambda: state() == "ALARM")


@pytest.mark.parametrize(("service", "arrives"), [(SNS, True), (CLOUDWATCH, False)])
def test_topic_needs_the_key_of_an_encrypted_queue(wire: Wire, service: str, arrives: bool) -> None:
    queue = wire.make_queue("sealed", SNS, KmsMasterKeyId=wire.key(use(service, **OF_THIS_ACCOUNT)))
    wire.aws("sns").subscribe(TopicArn=wire.topic, Protocol="sqs", Endpoint=queue)
    wire.ring()
    assert len(wire.received(queue)) == arrives
    assert len(wire.received(wire.queue)) == 1


def test_topic_delivers_over_tls(wire: Wire) -> None:
    """A queue that refuses plain HTTP takes a topic's messages."""
    queue = wire.make_queue("tls")
    url = wire.aws("sqs").get_queue_url(QueueName=f"{wire.name}-tls")["QueueUrl"]
    policy = document(
        {**publish(SNS, ArnEquals={"aws:SourceArn": wire.topic}), "Action": "sqs:SendMessage"},
        {**TLS_ONLY, "Action": "sqs:*"},
    )
    wire.aws("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    wire.aws("sns").subscribe(TopicArn=wire.topic, Protocol="sqs", Endpoint=queue)
    wire.ring()
    assert len(wire.received(queue)) == 1


def test_topic_of_a_stack_has_the_default_policy(aws: Any, wire: Wire) -> None:
    """The owner's statement, bound to its account: alarms may publish, rules may not."""
    stack = Stack(aws)
    subscription = {"Protocol": "sqs", "Endpoint": wire.queue}
    topic = resource("AWS::SNS::Topic", Subscription=[subscription])
    outputs = stack.deploy(template(Topic=topic) | {"Outputs": {"Arn": {"Value": {"Ref": "Topic"}}}})
    wire.topic = outputs["Arn"]
    attributes = aws("sns").get_topic_attributes(TopicArn=wire.topic)["Attributes"]
    (statement,) = json.loads(attributes["Policy"])["Statement"]
    assert statement["Condition"] == {"StringEquals": {"AWS:SourceOwner": ACCOUNT}}
    wire.send(wire.topic)
    assert wire.received(wire.queue) == []
    wire.ring()
    assert len(wire.received(wire.queue)) == 1
    stack.delete()
