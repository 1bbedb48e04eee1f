"""Items travel in batches of their order, and a refused batch is lost alone."""

from __future__ import annotations

import logging

import pytest
from botocore.exceptions import ClientError
from sandbox.machines.batches import Batches


def test_what_waits_is_sent_at_the_end_in_batches_of_its_order() -> None:
    sent: list[list[int]] = []
    batches = Batches[int](sent.append, 2, 60.0, "numbers")
    for number in range(5):
        batches.add(number)
    batches.close()
    assert sent == [[0, 1], [2, 3], [4]]


def test_a_refused_batch_is_logged_and_the_next_one_sent(caplog: pytest.LogCaptureFixture) -> None:
    sent: list[list[int]] = []

    def send(batch: list[int]) -> None:
        if 0 in batch:
            raise ClientError({"Error": {"Code": "Throttling", "Message": "no"}}, "Put")
        sent.append(batch)

    batches = Batches[int](send, 2, 60.0, "numbers")
    for number in range(3):
        batches.add(number)
    with caplog.at_level(logging.ERROR):
        batches.close()
    assert sent == [[2]]
    assert "numbers are lost" in caplog.text
