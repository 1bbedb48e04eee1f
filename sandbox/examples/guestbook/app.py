#!/usr/bin/env python3
"""A guestbook: an event signs it, a function phrases the entry, a state machine keeps it and tells the readers."""

from __future__ import annotations

from aws_cdk import App, CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as functions
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

GREET = """
import os

def handler(event, context):
    return {"entry": os.environ["GREETING"] + ", " + event["name"]}
"""


class Guestbook(Stack):
    """Everything of one guestbook; `greeting` is the word that entries begin with."""

    def __init__(self, scope: Construct, id_: str, *, greeting: str) -> None:
        super().__init__(scope, id_)
        pages = s3.Bucket(
            self,
            "Pages",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            removal_policy=RemovalPolicy.DESTROY,
            auto_delete_objects=True,
        )
        news = sns.Topic(self, "News")
        readers = sqs.Queue(self, "Readers")
        news.add_subscription(subscriptions.SqsSubscription(readers, raw_message_delivery=True))
        greet = functions.Function(
            self,
            "Greet",
            runtime=functions.Runtime.PYTHON_3_12,
            handler="index.handler",
            code=functions.Code.from_inline(GREET),
            environment={"GREETING": greeting},
        )
        book = sfn.StateMachine(self, "Book", definition_body=self._definition(greet, pages, news))
        signed = events.EventPattern(source=["guestbook"], detail_type=["Signed"])
        rule = events.Rule(self, "Signed", event_pattern=signed)
        rule.add_target(targets.SfnStateMachine(book, input=events.RuleTargetInput.from_event_path("$.detail")))
        waiting = readers.metric_approximate_number_of_messages_visible()
        crowd = cloudwatch.Alarm(self, "Crowd", metric=waiting, threshold=100, evaluation_periods=1)
        crowd.add_alarm_action(actions.SnsAction(news))
        CfnOutput(self, "PagesName", value=pages.bucket_name)
        CfnOutput(self, "ReadersUrl", value=readers.queue_url)
        CfnOutput(self, "BookArn", value=book.state_machine_arn)

    def _definition(self, greet: functions.IFunction, pages: s3.IBucket, news: sns.ITopic) -> sfn.DefinitionBody:
        phrase = tasks.LambdaInvoke(
            self, "Phrase", lambda_function=greet, result_selector={"entry.$": "$.Payload.entry"}, result_path="$.said"
        )
        keep = tasks.CallAwsService(
            self,
            "Keep",
            service="s3",
            action="putObject",
            parameters={
                "Bucket": pages.bucket_name,
                "Key": sfn.JsonPath.string_at("$.name"),
                "Body": sfn.JsonPath.string_at("$.said.entry"),
            },
            iam_resources=[pages.arn_for_objects("*")],
            result_path=sfn.JsonPath.DISCARD,
        )
        message = sfn.TaskInput.from_json_path_at("$.said.entry")
        tell = tasks.SnsPublish(self, "Tell", topic=news, message=message, result_path=sfn.JsonPath.DISCARD)
        return sfn.DefinitionBody.from_chainable(phrase.next(keep).next(tell))


app = App()
Guestbook(app, "guestbook", greeting=app.node.try_get_context("greeting") or "Hello")
app.synth()
