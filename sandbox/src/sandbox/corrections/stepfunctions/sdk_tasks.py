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
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.response import StreamingBody

from sandbox.corrections.definitions.service_names import operation, pascal, spellings
from sandbox.frame.host import Host
from sandbox.frame.permissions import Credentials
from sandbox.frame.workflow_tasks import TaskFailed

_WORD = re.compile(r"[A-Z]+[0-9]*(?![a-z])|[A-Z]?[a-z0-9]+")


def plain(value: Any, shape: Shape | None) -> Any:
    """A boto3 response as JSON for a state: the SDK's names, bodies as text, times in ISO 8601."""
    match value:
        case dict() if isinstance(shape, StructureShape) and not shape.is_document_type:
            return {pascal(name): plain(value[name], member) for name, member in shape.members.items() if name in value}
        case dict():
            return {name: plain(item, getattr(shape, "value", None)) for name, item in value.items()}
        case list():
            return [plain(item, getattr(shape, "member", None)) for item in value]
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case StreamingBody():
            return value.read().decode()
        case _:
            return value


def requested(value: Any, shape: Shape | None) -> Any:
    """A state's arguments with botocore's names.

    A member of bytes, such as PutObject's Body, may be an object, and is its JSON.
    """
    if isinstance(value, dict | list) and shape is not None and shape.type_name == "blob":
        return json.dumps(value).encode()
    if isinstance(value, dict) and isinstance(shape, StructureShape):
        known = {spelling: name for name in shape.members for spelling in spellings(name)}
        named = {known.get(name, name): item for name, item in value.items()}
        return {name: requested(item, shape.members.get(name)) for name, item in named.items()}
    if isinstance(value, dict) and isinstance(shape, MapShape):
        return {name: requested(item, shape.value) for name, item in value.items()}
    if isinstance(value, list) and isinstance(shape, ListShape):
        return [requested(item, shape.member) for item in value]
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
        model = operation(service, action)
        if model is None:
            raise TaskFailed("States.Runtime", f"The resource aws-sdk:{service}:{action} does not exist.")
        client = self._host.client(model.service_model.service_name, credentials, attempts=1)
        call = getattr(client, xform_name(model.name))
        try:
            return plain(call(**requested(arguments, model.input_shape)), model.output_shape)
        except ParamValidationError as fault:
            raise TaskFailed("States.Runtime", str(fault)) from fault
        except ClientError as error:
            raise TaskFailed(error_name(client, error), cause(client, error)) from error
        except HTTPClientError as error:
            broken = f"Unable to execute HTTP request: {error}"
            raise TaskFailed(f"{service_name(client)}.SdkClientException", broken) from error
