"""What all tests share: how they are spread over processes, and how they start a sandbox."""

from __future__ import annotations

pytest_plugins = ["own_sandbox"]
