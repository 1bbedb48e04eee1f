"""Requests to services that are not here, refused with the service's name.

Source: AWS General Reference, "Create a signed AWS API request": the credential scope names the service.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ministack import app

from sandbox.corrections.protocols import Answer, refused
from sandbox.frame.errors import UnknownOperationException

NAMES = {"ministack.app": "SERVICE_HANDLERS detect_service"}
OVERRIDES = {
    "requests to unknown services": "ministack answers without a message, or as if they were for S3; the refusal names "
    "the service for which they are signed",
}

_UNKNOWN = "unknown-to-the-sandbox"
_SCOPE = re.compile(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/")
_OF_S3 = frozenset({"s3", "s3express", "s3-object-lambda", "s3-outposts"})
_CBOR = "/service/GraniteServiceVersion20100801/"
"""The path of CloudWatch's requests in CBOR, the only ones that are known."""


def refuse_unknown_services() -> None:
    """Send what no service serves to a refusal. S3 serves what is signed for it, not whatever is left."""
    detect = app.detect_service

    def detect_service(method: str, path: str, headers: dict, query: dict) -> str:
        service = detect(method, path, headers, query)
        signed_for = _signed_for(headers)
        left = service not in app.SERVICE_HANDLERS or (service == "s3" and signed_for not in _OF_S3)
        is_cbor = headers.get("smithy-protocol") == "rpc-v2-cbor" and not path.startswith(_CBOR)
        return _UNKNOWN if signed_for and (left or is_cbor) else service

    app.detect_service = detect_service
    app.SERVICE_HANDLERS[_UNKNOWN] = _refuse


def _signed_for(headers: Mapping[str, str]) -> str:
    found = _SCOPE.search(headers.get("authorization", ""))
    return found[1] if found else ""


async def _refuse(method: str, path: str, headers: dict, body: bytes, query: dict) -> Answer:
    asked = headers.get("x-amz-target") or f"{method} {path}"
    sentence = f"the sandbox does not have the service of this request, signed for '{_signed_for(headers)}' ({asked}): "
    return refused(headers, UnknownOperationException(sentence + "leave the call out here, or send it to AWS"))
