"""AWS Cloud Control API over the resources of stacks: the CDK's `--hotswap` changes state machines by it.

Source: AWS Cloud Control API User Guide, "Performing resource operations".
"""

from __future__ import annotations

from sandbox.corrections.cloud_control.service import declare

__all__ = ["declare"]
