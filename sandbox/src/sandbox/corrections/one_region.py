"""The one region of the services that the sandbox adds; others are refused.

Source: AWS General Reference, "Regional endpoints": resources of one region do not exist in another.
"""

from __future__ import annotations

from ministack.core.responses import get_region

from sandbox.frame.errors import ValidationException
from sandbox.frame.host import REGION

NAMES = {"ministack.core.responses": "get_region"}
OVERRIDES: dict[str, str] = {}


def require_region(what: str) -> None:
    """Raise ValidationException for a request, stack or execution of another region."""
    if get_region() != REGION:
        raise ValidationException(f"the sandbox has {what} in {REGION} only, not in {get_region()}")
