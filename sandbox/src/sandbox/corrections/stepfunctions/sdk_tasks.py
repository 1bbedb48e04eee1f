"""AWS SDK integrations: ``arn:aws:states:::aws-sdk:<service>:<action>`` as a boto3 call.

ministack has tables for some services; boto3 knows all of them, signs with the workflow role's credentials, and so
enters the sandbox like any client.
Sources: AWS Step Functions Developer Guide, "Learning to use AWS service SDK integrations": an error's name is
ServiceName.ErrorName, with the service in Pascal case, such as AcmPca. Errors that a service does not model, throttling
above all, arrive as S3.S3Exception (cdklabs/construct-hub #1904), Ec2.Ec2Exception (CloudSnorkel/cdk-github-runners
#946); a broken connection as Ssm.SdkClientException (guidance-for-incremental-data-exports-from-amazon-dynamodb #3).
"""

from __future__ import annotations

import json
import re
import uuid
from datetime import datetime
from typing import Any

from botocore import xform_name
from botocore.client import BaseClient
from botocore.exceptions import ClientError, HTTPClientError, ParamValidationError
from botocore.response import StreamingBody

from sandbox.frame.host import Host
from sandbox.frame.permissions import Credentials
from sandbox.frame.workflow_tasks import TaskFailed

CLIENTS = {"sfn": "stepfunctions", "eventbridge": "events", "cloudwatchlogs": "logs"}
"""Service names of the AWS SDK for Java, which Step Functions uses, where boto3's differ."""
_WORD = re.compile(r"[A-Z]+[0-9]*(?![a-z])|[A-Z]?[a-z0-9]+")


def plain(value: Any) -> Any:
    """A boto3 response as JSON for a state: bodies are text, times are ISO 8601."""
    match value:
        case dict():
            return {key: plain(item) for key, item in value.items() if key != "ResponseMetadata"}
        case list():
            return [plain(item) for item in value]
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case StreamingBody():
            return value.read().decode()
        case _:
            return value


def service_name(client: BaseClient) -> str:
    """The service in Pascal case, as errors and causes name it: ResourceGroupsTaggingApi, DynamoDb, S3."""
    words = _WORD.findall(client.meta.service_model.service_id)
    return "".join(word[0].upper() + word[1:].lower() for word in words)


def error_name(client: BaseClient, error: ClientError) -> str:
    """The error's name, such as ``SageMaker.ResourceNotFoundException``.

    An error that the service does not model gets its general exception.
    """
    prefix, code = service_name(client), error.response["Error"]["Code"]
    shapes = client.meta.service_model.error_shapes
    modelled = {shape.metadata.get("error", {}).get("code", shape.name): shape.name for shape in shapes}
    name = modelled.get(code, prefix)
    return f"{prefix}.{name if name.endswith('Exception') else name + 'Exception'}"


def cause(client: BaseClient, error: ClientError) -> str:
    """The sentence of the service, and what the SDK for Java adds to it."""
    message, answer = error.response["Error"].get("Message", ""), error.response["ResponseMetadata"]
    status, request = answer["HTTPStatusCode"], answer.get("RequestId") or uuid.uuid4()
    return f"{message} (Service: {service_name(client)}, Status Code: {status}, Request ID: {request})"


class SdkTasks:
    """Calls of any service's action with the workflow role's credentials. A call is tried once: the state may retry."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def __call__(self, service: str, action: str, arguments: dict, credentials: Credentials) -> dict:
        """Return the response with the SDK's member names. Raises ``TaskFailed``."""
        client = self._host.client(CLIENTS.get(service, service), credentials, attempts=1)
        method = getattr(client, xform_name(action[0].upper() + action[1:]), None)
        if method is None:
            raise TaskFailed("States.Runtime", f"The resource aws-sdk:{service}:{action} does not exist.")
        try:
            return plain(method(**_with_bytes(client, method.__name__, arguments)))
        except ParamValidationError as fault:
            raise TaskFailed("States.Runtime", str(fault)) from fault
        except ClientError as error:
            raise TaskFailed(error_name(client, error), cause(client, error)) from error
        except HTTPClientError as error:
            broken = f"Unable to execute HTTP request: {error}"
            raise TaskFailed(f"{service_name(client)}.SdkClientException", broken) from error


def _with_bytes(client: Any, method: str, arguments: dict) -> dict:
    """Write objects as JSON for members of bytes, such as PutObject's Body."""
    operation = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
    members = operation.input_shape.members if operation.input_shape else {}
    blobs = {name for name, shape in members.items() if shape.type_name == "blob"}
    return {
        name: json.dumps(value).encode() if name in blobs and isinstance(value, dict | list) else value
        for name, value in arguments.items()
    }
