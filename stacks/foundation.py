"""The shared resources of an environment: key, buckets, alarm topic, dead-letter queue."""

from __future__ import annotations

from aws_cdk import CfnOutput, Environment, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from specs import EnvironmentSpec, names
from specs.environment import Tracking
from stacks.constructs.shared.alarm_topic import AlarmTopic
from stacks.constructs.shared.encrypted_bucket import AccessLogBucket, EncryptedBucket
from stacks.constructs.shared.removal import removal_policy
from stacks.constructs.shared.shared_stack import SharedStack
from stacks.constructs.shared.tracking_app import TrackingApp
from stacks.constructs.shared.undelivered_events import UndeliveredEvents


class FoundationStack(SharedStack):
    """Holds `key`, `data`, `artifacts`, `alarms`, `undelivered`, and `tracking_app`, an MLflow App's ARN or None."""

    def __init__(self, scope: Construct, id_: str, *, environment: EnvironmentSpec) -> None:
        super().__init__(scope, id_, env=Environment(account=environment.account, region=environment.region))
        policy = removal_policy(environment.retention)
        self.key = kms.Key(
            self, "Key", enable_key_rotation=True, description=f"{id_}: data at rest", removal_policy=policy
        )
        # Retained, too: a second foundation fails by it, instead of beginning anew beside the retained data.
        self.key.add_alias(names.key_alias(environment.name)).apply_removal_policy(policy)
        logs = AccessLogBucket(self, "Logs", days=environment.retention.log_days, removal_policy=policy)
        self.data: s3.Bucket = EncryptedBucket(self, "Data", key=self.key, access_logs=logs, removal_policy=policy)
        retention = environment.retention
        self.artifacts: s3.Bucket = EncryptedBucket(
            self,
            "Artifacts",
            key=self.key,
            access_logs=logs,
            removal_policy=policy,
            expiry={
                f"{names.CHECKPOINTS}/": retention.checkpoint_days,
                f"{names.TUNING}/": retention.tuning_days,
                f"{names.MODELS}/": retention.model_days,
                f"{names.PREPARED}/": retention.prepared_days,
            },
        )
        self.alarms = AlarmTopic(self, "Alarms", email=environment.alarm_email)
        self.undelivered = UndeliveredEvents(self, "Undelivered", environment=environment, topic=self.alarms)
        self.export([self.key.key_arn, self.alarms.topic_arn, self.undelivered.queue_arn])
        for bucket in (self.data, self.artifacts):
            self.export([bucket.bucket_arn, bucket.bucket_name])
        self.tracking_app: str | None = None
        if environment.tracking:
            self.tracking_app = self._tracking(environment, environment.tracking, policy)
        CfnOutput(self, "DataBucketName", value=self.data.bucket_name)
        CfnOutput(self, "ArtifactsBucketName", value=self.artifacts.bucket_name)
        CfnOutput(self, "KeyArn", value=self.key.key_arn)
        CfnOutput(self, "AlarmTopicArn", value=self.alarms.topic_arn)
        CfnOutput(self, "UndeliveredEventsUrl", value=self.undelivered.queue_url)

    def _tracking(self, environment: EnvironmentSpec, tracking: Tracking, removal_policy: RemovalPolicy) -> str:
        name = names.tracking_app(environment.name)
        app = TrackingApp(
            self,
            "Tracking",
            name=name,
            tracking=tracking,
            artifacts=self.artifacts,
            key=self.key,
            removal_policy=removal_policy,
        )
        self.export([app.arn])
        CfnOutput(self, "MlflowAppArn", value=app.arn)
        return app.arn
