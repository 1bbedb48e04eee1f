"""Presigned URLs: a token that opens a session once and within its time, and the cookie that is the session."""

from __future__ import annotations

import secrets
import threading
import time
import urllib.parse
from dataclasses import dataclass

HOST_SUFFIX = ".mlflow.localhost"
"""Each app has a host of its own, as on AWS; browsers know that *.localhost is this machine."""


@dataclass(frozen=True)
class _Grant:
    arn: str
    until: float
    session_seconds: int


class SignIn:
    """Tokens and sessions; they do not outlive the sandbox."""

    def __init__(self, url: str) -> None:
        self._port = urllib.parse.urlsplit(url).port
        self._lock = threading.Lock()
        self._tokens: dict[str, _Grant] = {}
        self._sessions: dict[str, _Grant] = {}

    def url(self, arn: str, seconds: int, session_seconds: int) -> str:
        """The URL by which a browser signs in to an app."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._tokens[token] = _Grant(arn, time.monotonic() + seconds, session_seconds)
        return f"http://{host_of(arn)}:{self._port}/auth?authToken={token}"

    def open(self, token: str, host: str) -> tuple[str, int] | None:
        """A session and its seconds for a token, which is used up. None for an invalid token."""
        with self._lock:
            grant = self._tokens.pop(token, None)
            if grant is None or grant.until < time.monotonic() or host_of(grant.arn) != host:
                return None
            session = secrets.token_urlsafe(32)
            until = time.monotonic() + grant.session_seconds
            self._sessions[session] = _Grant(grant.arn, until, grant.session_seconds)
            return session, grant.session_seconds

    def app(self, session: str, host: str) -> str | None:
        """The ARN of a session's app. None for a session that has ended or is another host's."""
        with self._lock:
            grant = self._sessions.get(session)
        valid = grant and grant.until >= time.monotonic() and host_of(grant.arn) == host
        return grant.arn if grant and valid else None


def host_of(arn: str) -> str:
    """The host of an app's page, in lower case as browsers send it."""
    return arn.rpartition("/")[2].lower() + HOST_SUFFIX
