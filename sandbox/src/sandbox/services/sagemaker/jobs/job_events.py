"""Events of jobs on the default bus, one at every change of status."""

from __future__ import annotations

import logging
from typing import Any

from sandbox.frame.clock import with_epoch_millis
from sandbox.frame.host import Host
from sandbox.frame.tags import Tags
from sandbox.services.sagemaker.base.identity import EVENTS

_logger = logging.getLogger(__name__)


class JobEvents:
    """Sends descriptions with their tags."""

    def __init__(self, host: Host, tags: Tags) -> None:
        self._host, self._tags = host, tags

    def send(self, kind: str, arn: str, description: dict[str, Any]) -> None:
        """Send the event of a job of a kind ("Training"). A lost event must not fail the job."""
        detail = {**with_epoch_millis(description), "Tags": self._tags.of(arn)}
        try:
            self._host.emit(EVENTS, f"SageMaker {kind} Job State Change", detail, [arn])
        except Exception:
            _logger.exception("no event of %s", arn)
