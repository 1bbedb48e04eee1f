"""TensorFlow Serving's refusals: a sentence with the HTTP status of its error code (http_server.cc)."""

from __future__ import annotations


class ServingError(Exception):
    """When a request is refused."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


INTERNAL, UNIMPLEMENTED, NOT_FOUND = 500, 501, 404

# HTTP status by the codes of tensorflow.errors (absl's canonical codes).
_STATUS = {1: 499, 3: 400, 4: 504, 5: 404, 6: 409, 7: 403, 8: 429, 9: 400, 10: 409, 11: 400, 12: 501, 14: 503, 16: 401}


def status_of(code: int) -> int:
    """The HTTP status of an error code; 500 for the rest."""
    return _STATUS.get(code, INTERNAL)
