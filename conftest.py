"""The plugins of all tests; each is a file in a folder `helpers`."""

from __future__ import annotations

pytest_plugins = ["sandboxes", "needs", "by_file", "once", "kept_snapshots", "declared_models"]
