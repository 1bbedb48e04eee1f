"""Faults in ministack's own services: throttled or slow S3, repeated delivery by EventBridge.

Sources: AWS, "Error responses" (S3: 503 SlowDown); "Best practices design patterns: optimizing Amazon S3 performance"
(slow down and retry); "Amazon EventBridge event delivery" (at least once).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.services import eventbridge, s3

from sandbox.faults import EventTwice, Faults, FaultsUnreadable, S3Slow, S3Throttled

NAMES = {
    "ministack.core.iam_actions": "_s3_action",
    "ministack.core.iam_evaluator": "caller_arn",
    "ministack.services.eventbridge": "_invoke_target",
    "ministack.services.s3": "_error _parse_bucket_key handle_request",
}
OVERRIDES = {
    "S3: every request over HTTP": "the faults s3-throttled and s3-slow strike before it is served",
    "EventBridge: every delivery to a target": "the fault event-twice delivers again, with the same event id",
}

_logger = logging.getLogger(__name__)

S3Handler = Callable[..., Awaitable[tuple]]


def install(faults: Faults) -> None:
    """Apply the declared faults."""
    s3.handle_request = _throttled(faults, s3.handle_request)
    eventbridge._invoke_target = _delivered_twice(faults, eventbridge._invoke_target)


def _throttled(faults: Faults, serve: S3Handler) -> S3Handler:
    async def handle_request(
        method: str, path: str, headers: dict, body: bytes, query_params: dict, **others: Any
    ) -> tuple:
        facts = _facts(method, path, headers, query_params)
        try:
            slow, throttled = faults.find(S3Slow, **facts), faults.find(S3Throttled, **facts)
        except FaultsUnreadable as error:
            return _refused(method, "InvalidRequest", str(error), 400)
        if slow:
            await asyncio.sleep(slow.seconds)
        if throttled:
            return _refused(method, "SlowDown", "Please reduce your request rate.", 503)
        return await serve(method, path, headers, body, query_params, **others)

    return handle_request


def _refused(method: str, code: str, message: str, status: int) -> tuple:
    status, headers, body = s3._error(code, message, status)
    return status, headers, b"" if method == "HEAD" else body


def _facts(method: str, path: str, headers: dict, query: dict) -> dict[str, str | None]:
    """The facts by which S3 faults are selected; a listing's key is its prefix."""
    bucket, key = s3._parse_bucket_key(path, headers)
    prefix = query.get("prefix", [""])
    return {
        "bucket": bucket,
        "key": key or (prefix[0] if isinstance(prefix, list) else prefix),
        "action": iam_actions._s3_action(method, path, query),
        "role": caller_role(),
    }


def caller_role() -> str | None:
    """The role in the caller's arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION; None for users and root."""
    kind, *names = iam_evaluator.caller_arn().rpartition(":")[2].split("/")
    return names[0] if kind == "assumed-role" else None


def _delivered_twice(faults: Faults, invoke_target: Callable[..., None]) -> Callable[..., None]:
    def invoke(target: dict, event: dict, rule: dict, view: Any = None) -> None:
        invoke_target(target, event, rule, view)
        try:
            again = faults.find(EventTwice, source=event.get("Source"), detail_type=event.get("DetailType"))
        except FaultsUnreadable:
            _logger.exception("no event is delivered twice")
            return
        if again:
            invoke_target(target, event, rule, view)

    return invoke
