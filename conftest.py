"""What all tests share, those of the platform and those of the sandbox; each plugin is a file in a folder `helpers`."""

from __future__ import annotations

pytest_plugins = ["sandboxes", "needs", "by_file", "once"]
