"""Answers of DescribeStacks, held while the stack is in progress, three seconds at most.

The CDK CLI looks at a stack right after the start of an operation, and sleeps five seconds if it is in progress
(aws-cdk-cli, toolkit-lib, `waitFor` in lib/util/promises.ts). Here most operations end within a tenth of a second, so a
deploy of eleven stacks slept for most of its time. AWS promises no latency for this call, and its answers show the
state at some time during it: a held answer is one that AWS's latency permits, too. Events are never held.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from ministack import app
from ministack.services import cloudformation

NAMES = {"ministack.app": "SERVICE_HANDLERS", "ministack.services.cloudformation": "_stack_events"}
OVERRIDES = {
    "CloudFormation: DescribeStacks of one stack": "its answer is held until the stack is at rest, no longer than "
    "three seconds after the beginning of the operation: AWS's operations take longer than the sleeps of its clients, "
    "those of the sandbox are over before."
}

_LONGEST = 3.0  # seconds: less than the shortest timeout that AWS's tools have by default
_PAUSE = 0.02  # seconds between two looks
_HEAD = 100  # bytes of an answer that hold its first tag
_STACKS = re.compile(rb"<StackId>([^<]+)</StackId>.*?<StackStatus>([A-Z_]+)</StackStatus>", re.DOTALL)

Answer = tuple[int, dict, bytes]


def hold_answers() -> None:
    """Ask again on behalf of the client while the answer shows one stack in progress."""
    serve: Callable[..., Awaitable[Answer]] = app.SERVICE_HANDLERS["cloudformation"]

    async def handle_request(method: str, path: str, headers: dict, body: bytes, query: dict) -> Answer:
        asked = time.monotonic()
        answer = await serve(method, path, headers, body, query)
        while _may_end_soon(answer[2]) and time.monotonic() - asked < _LONGEST:
            await asyncio.sleep(_PAUSE)
            answer = await serve(method, path, headers, body, query)
        return answer

    app.SERVICE_HANDLERS["cloudformation"] = handle_request


def _may_end_soon(body: bytes) -> bool:
    """Tell whether the answer describes one stack, with work that began a moment ago.

    The age counts, not the client's patience: one with a short timeout asks again, and must be answered some time.
    """
    described = _STACKS.findall(body) if b"<DescribeStacksResponse" in body[:_HEAD] else []
    if len(described) != 1:
        return False
    stack_id, status = described[0]
    return status.endswith(b"_IN_PROGRESS") and status != b"REVIEW_IN_PROGRESS" and _age(stack_id.decode()) < _LONGEST


def _age(stack_id: str) -> float:
    """The seconds since the stack entered its status."""
    own = [event for event in cloudformation._stack_events.get(stack_id, []) if event["PhysicalResourceId"] == stack_id]
    entered = datetime.fromisoformat(own[-1]["Timestamp"]) if own else datetime.fromtimestamp(0, UTC)
    return (datetime.now(UTC) - entered).total_seconds()
