"""One endpoint: its attributes and its routing table."""

from __future__ import annotations

import datetime
import threading
from dataclasses import dataclass, field
from typing import Any

from sandbox.frame.clock import now
from sandbox.frame.errors import ValidationException
from sandbox.services.sagemaker.endpoints.served import Served
from sandbox.services.sagemaker.endpoints.variants import Variant


@dataclass
class Endpoint:
    """The attributes of an endpoint. `variants` are those of `config`, and survive a failed update.

    `served` is the routing table, which differs from the variants while an update shifts traffic. `pending` is the
    PendingDeploymentSummary of such an update, `last_deployment` the DeploymentConfig asked for last.
    """

    name: str
    arn: str
    config: str
    status: str = "Creating"
    failure_reason: str | None = None
    created: datetime.datetime = field(default_factory=now)
    modified: datetime.datetime = field(default_factory=now)
    variants: tuple[Variant, ...] = ()
    served: Served | None = None
    pending: dict[str, Any] | None = None
    last_deployment: dict[str, Any] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def enter(self, status: str, from_states: set[str], **changes: Any) -> None:
        """Change status and attributes together. Raises ValidationException while something else is under way."""
        with self.lock:
            if self.status not in from_states:
                raise ValidationException(f'Cannot update in-progress endpoint "{self.arn}".')
            self._set(status=status, **changes)

    def change(self, **changes: Any) -> None:
        """Change attributes together."""
        with self.lock:
            self._set(**changes)

    def _set(self, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(self, name, value)
        self.modified = now()
