"""Services, operations and members as Step Functions names them, in botocore's service models.

Step Functions uses the AWS SDK for Java: a service is its id in lower case (sfn, cloudwatchlogs), a member starts with
a capital, and of an acronym in front only the first letter is one (DBInstanceIdentifier -> DbInstanceIdentifier).
AWS Step Functions Developer Guide, "Learning to use AWS service SDK integrations in Step Functions"; the rule for
acronyms is that of the SDK's code generator (aws/aws-sdk-java-v2, StringUtils and NamingStrategy).
"""

from __future__ import annotations

import functools
import re

import botocore.session
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, ServiceModel
from botocore.utils import EVENT_ALIASES

_RENAMED = {"ds-data": "directoryservicedata", "lexv2-models": "lexmodelsv2", "lexv2-runtime": "lexruntimev2"}
"""Services with an id that is neither botocore's name nor in its table of aliases."""


@functools.cache
def _clients() -> dict[str, str]:
    """The SDK's name of a service -> botocore's."""
    names = botocore.session.get_session().get_available_services()
    return {_RENAMED.get(name) or _plain(EVENT_ALIASES.get(name, name)): name for name in names}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def client_name(service: str) -> str | None:
    """The name by which botocore knows a service of the SDK."""
    return _clients().get(service)


@functools.cache
def _model(service: str) -> ServiceModel | None:
    name = client_name(service)
    if name is None:
        return None
    try:
        return botocore.session.get_session().get_service_model(name)
    except UnknownServiceError:
        return None


def operation(service: str, action: str) -> OperationModel | None:
    """The operation of an action such as listObjectsV2; None for what a workflow cannot call."""
    model = _model(service)
    name = action[:1].upper() + action[1:]
    if model is None or name not in model.operation_names or not action[:1].islower():
        return None
    found = model.operation_model(name)
    return None if found.has_event_stream_input or found.has_event_stream_output else found


def pascal(member: str) -> str:
    """The SDK's name of a member, in Pascal case."""
    end = 1
    while end < len(member) and member[end].isupper() and not member[end + 1 : end + 2].islower():
        end += 1
    return member[:1].upper() + member[1:end].lower() + member[end:]


def spellings(member: str) -> set[str]:
    """The names by which a task may give a member: the SDK's, and the API's in Pascal case."""
    return {pascal(member), member[:1].upper() + member[1:]}
