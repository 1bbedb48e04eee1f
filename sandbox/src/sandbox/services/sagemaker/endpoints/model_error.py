"""The answer to a client when a container does not answer 2xx.

Source: AWS, "InvokeEndpoint" (runtime API reference), ModelError. The sentences are those that clients report.
"""

from __future__ import annotations

from typing import Any

from sandbox.frame.host import Host
from sandbox.machines.plain_http.client import Answer
from sandbox.services.sagemaker.endpoints.model_client import NoAnswer
from sandbox.services.sagemaker.endpoints.model_instance import log_group

STATUS = 424
_TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary. Review the latency metrics for "
    "each container in Amazon CloudWatch, resolve the issue, and try again."
)
_EXITED = "An error occurred while handling request as the model process exited."


def reason(failure: NoAnswer) -> str:
    """AWS's sentence for a container that gave no answer; its status is 0 then."""
    return _TIMED_OUT if failure.timed_out else _EXITED


def model_error(host: Host, endpoint: str, log_stream: str, answer: Answer) -> dict[str, Any]:
    """The body of ModelError."""
    side, group = "client" if 400 <= answer.status < 500 else "server", log_group(endpoint)
    text = answer.body.decode(errors="replace")
    console = f"https://{host.region}.console.aws.amazon.com/cloudwatch/home?region={host.region}"
    return {
        "ErrorCode": "CLIENT_ERROR_FROM_MODEL" if side == "client" else "SERVER_ERROR_FROM_MODEL",
        "LogStreamArn": host.arn("logs", f"log-group:{group}:log-stream:{log_stream}"),
        "Message": f'Received {side} error ({answer.status}) from primary with message "{text}". See '
        f"{console}#logEventViewer:group={group} in account {host.account} for more information.",
        "OriginalMessage": text,
        "OriginalStatusCode": answer.status,
    }
