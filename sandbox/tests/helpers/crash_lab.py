"""Running work in a sandbox at a kill: a job in a workflow, stacks, endpoints."""

from __future__ import annotations

import json
from typing import Any

from fleet_lab import IMAGE, FleetLab, pack
from job_lab import TRUST, let_events_send, unique
from own_sandbox import OwnSandbox
from waiting import until

SLOW = """
import json, time, urllib.request
def handler(event, context):
    time.sleep(int(event["ResourceProperties"].get("Seconds", 0)))
    answer = {"Status": "SUCCESS", "PhysicalResourceId": "slow", "StackId": event["StackId"],
              "RequestId": event["RequestId"], "LogicalResourceId": event["LogicalResourceId"]}
    urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), method="PUT"))
"""


class CrashLab(FleetLab):
    """Begins work of every kind in a sandbox of the test's own."""

    def __init__(self, own: OwnSandbox) -> None:
        super().__init__(own)
        self.formation = own.aws("cloudformation")
        self.states = own.aws("stepfunctions")
        self.function_role = self.make_role(trust_of("lambda.amazonaws.com"))

    def model_of(self, name: str, **says: Any) -> str:
        """A stub with the archive models/NAME.tar.gz."""
        uri = self.put(f"models/{name}.tar.gz", pack(answer=name, **says))
        return self.model(PrimaryContainer={"Image": IMAGE, "ModelDataUrl": uri})

    def workflow(self, script: str) -> str:
        """A state machine of one training job, with its name from the input."""
        request = self.training(script)
        del request["TrainingJobName"]
        task = {
            "Type": "Task",
            "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync",
            "Parameters": {**request, "TrainingJobName.$": "$.name"},
            "End": True,
        }
        definition = json.dumps({"StartAt": "Train", "States": {"Train": task}})
        created = self.states.create_state_machine(
            name=unique("machine"), definition=definition, roleArn=self.make_role(trust_of("states.amazonaws.com"))
        )
        return created["stateMachineArn"]

    def job(self, name: str) -> dict[str, Any]:
        """The description of a job; empty before its workflow has created it."""
        try:
            return self.sagemaker.describe_training_job(TrainingJobName=name)
        except self.sagemaker.exceptions.ClientError:
            return {}

    def heard(self, detail_types: list[str]) -> str:
        """A queue that is sent the events of these types."""
        sqs, events, name = self.aws("sqs"), self.aws("events"), unique("heard")
        queue = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        let_events_send(sqs, queue, arn)
        events.put_rule(Name=name, EventPattern=json.dumps({"detail-type": detail_types}))
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
        return queue

    def messages(self, queue: str) -> list[dict[str, Any]]:
        received = self.aws("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(each["Body"]) for each in received]

    def template(self, value: str, seconds: int) -> str:
        """A bucket, a parameter and a topic, and then a resource that takes `seconds`."""
        function = {
            "Runtime": "python3.11",
            "Handler": "index.handler",
            "Role": self.function_role,
            "Timeout": 600,
            "Code": {"ZipFile": SLOW},
        }
        resources = {
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Parameter": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value}},
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": value}},
            "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
            "Slow": {
                "Type": "Custom::Slow",
                "DependsOn": ["Bucket", "Parameter", "Topic"],
                "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}, "Seconds": seconds},
            },
        }
        return json.dumps({"Resources": resources, "Outputs": {"Parameter": {"Value": {"Ref": "Parameter"}}}})

    def at_rest(self, stack: str) -> dict[str, Any]:
        """The stack's description once no operation is under way."""

        def described() -> dict[str, Any]:
            found = self.formation.describe_stacks(StackName=stack)["Stacks"][0]
            return {} if found["StackStatus"].endswith("_IN_PROGRESS") else found

        return until(described)

    def happened(self, stack: str) -> list[tuple[str, str]]:
        """Logical id and status of the stack's events, newest first."""
        events = self.formation.describe_stack_events(StackName=stack)["StackEvents"]
        return [(each["LogicalResourceId"], each["ResourceStatus"]) for each in events]

    def waits_for_slow(self, stack: str) -> bool:
        newest = self.happened(stack)[0]
        return newest[0] == "Slow" and newest[1].endswith("_IN_PROGRESS")

    def buckets(self) -> list[str]:
        return sorted(each["Name"] for each in self.s3.list_buckets()["Buckets"])

    def topics(self) -> int:
        return len(self.aws("sns").list_topics()["Topics"])

    def endpoints(self, contains: str) -> list[str]:
        return [each["EndpointName"] for each in self.sagemaker.list_endpoints(NameContains=contains)["Endpoints"]]

    def status(self, endpoint: str) -> str:
        return self.sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"]

    def answer(self, endpoint: str) -> str:
        return self.invoke(endpoint, {})["answer"]


def trust_of(service: str) -> dict[str, Any]:
    """The trust policy of a role that a service assumes."""
    return json.loads(json.dumps(TRUST).replace("sagemaker.amazonaws.com", service))
