"""Refusals in the protocol of the request, so that any client shows their sentence.

Sources: Smithy, "AWS JSON 1.1 protocol", "AWS restJson1 protocol", "AWS Query protocol", "Smithy RPC v2 CBOR protocol",
each under "Operation error serialization".
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from xml.sax.saxutils import escape

from sandbox.frame.errors import ApiError

Answer = tuple[int, dict[str, str], bytes]


def refused(headers: Mapping[str, str], error: ApiError) -> Answer:
    """The answer to a request with these headers."""
    request = str(uuid.uuid4())
    if headers.get("smithy-protocol") == "rpc-v2-cbor":
        body = b"\xa2" + b"".join(map(_cbor, ("__type", error.code, "message", error.message)))
        return error.status, {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}, body
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        fault = f"<Error><Type>Sender</Type><Code>{error.code}</Code><Message>{escape(error.message)}</Message></Error>"
        body = f"<ErrorResponse>{fault}<RequestId>{request}</RequestId></ErrorResponse>".encode()
        return error.status, {"Content-Type": "text/xml", "x-amzn-RequestId": request}, body
    body = json.dumps({"__type": error.code, "message": error.message}).encode()
    more = {"x-amzn-ErrorType": error.code, "x-amzn-RequestId": request}
    return error.status, {"Content-Type": "application/json", **more}, body


def _cbor(text: str) -> bytes:
    """A text string of CBOR (RFC 8949): its length in two bytes, then UTF-8."""
    encoded = text.encode()
    return b"\x79" + len(encoded).to_bytes(2, "big") + encoded
