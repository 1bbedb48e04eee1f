"""Held answers of DescribeStacks: clients need not sleep and ask again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from botocore.config import Config
from stack_lab import Provider, Stack, parameter

LIMIT = 3.0
"""Seconds for which an answer may be held."""
AT_ONCE = 1.5
"""Seconds that an answer takes on a busy machine when nothing holds it."""


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    began = time.monotonic()
    return call(), time.monotonic() - began


def waiting(stack: Stack, provider: Provider) -> None:
    """Begin a creation that waits for the test."""
    stack.create({"Resources": {"Thing": provider.resource()}})
    provider.asked("Create", "Thing")


def test_one_look_sees_the_end(stack: Stack, provider: Provider) -> None:
    """Wait for the end of an operation, while other requests are served."""
    waiting(stack, provider)
    seen: list[str] = []
    look = threading.Thread(target=lambda: seen.append(stack.describe()["StackStatus"]))
    look.start()
    story, seconds = timed(stack.story)
    assert ("Thing", "CREATE_IN_PROGRESS") in story, "events show the progress"
    assert seconds < AT_ONCE, "a held answer blocks no other request"
    provider.answer("Create", "Thing")
    look.join()
    assert seen == ["CREATE_COMPLETE"]
    stack_id = stack.describe()["StackId"]
    stack.delete()
    threading.Thread(target=provider.answer, args=("Delete", "Thing")).start()
    (deleted,) = stack.api.describe_stacks(StackName=stack_id)["Stacks"]
    assert deleted["StackStatus"] == "DELETE_COMPLETE"


def test_a_long_operation_is_shown_in_progress(aws: Any, stack: Stack, provider: Provider) -> None:
    """Nothing is held longer than the limit, and it counts from the beginning: later looks are answered at once."""
    waiting(stack, provider)
    impatient = aws("cloudformation", config=Config(read_timeout=1))
    described, seconds = timed(lambda: impatient.describe_stacks(StackName=stack.name))
    assert described["Stacks"][0]["StackStatus"] == "CREATE_IN_PROGRESS"
    assert seconds < 2 * LIMIT, "boto3 tried again after its timeout, and was answered"
    described, seconds = timed(stack.describe)
    assert described["StackStatus"] == "CREATE_IN_PROGRESS"
    assert seconds < AT_ONCE
    provider.answer("Create", "Thing")
    assert stack.settled() == "CREATE_COMPLETE"


def test_a_stack_in_review_waits_for_a_person(stack: Stack) -> None:
    """REVIEW_IN_PROGRESS ends when somebody executes the change set, which no answer can wait for."""
    stack.change_set({"Resources": {"Thing": parameter()}}, ChangeSetType="CREATE")
    described, seconds = timed(stack.describe)
    assert described["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert seconds < AT_ONCE


def test_a_list_of_stacks_waits_for_none(stack: Stack, provider: Provider) -> None:
    stack.api.create_stack(
        StackName=f"{stack.name}-at-rest", TemplateBody='{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}'
    )
    waiting(stack, provider)
    described, seconds = timed(lambda: stack.api.get_paginator("describe_stacks").paginate().build_full_result())
    assert stack.name in [each["StackName"] for each in described["Stacks"]]
    assert seconds < AT_ONCE
    provider.answer("Create", "Thing")
    assert stack.settled() == "CREATE_COMPLETE"
