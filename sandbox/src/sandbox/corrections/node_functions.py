"""The AWS SDK for JavaScript of Node.js functions, which Lambda's runtimes hold.

The sandbox lends them the clients that npm has installed in the folder where it was started.
Source: Lambda Developer Guide, "Building Lambda functions with Node.js", runtime-included SDK versions.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from ministack.core import lambda_runtime

NAMES = {"ministack.core.lambda_runtime": "_NODEJS_WORKER_SCRIPT"}
OVERRIDES = {
    "Lambda: AWS SDK of Node.js functions": "ministack has imitations, for services with a JSON protocol only; "
    "functions get the real clients that npm has installed, and a sentence that names a missing one",
}

_SDK = "@aws-sdk"
_IMITATION = "if (prefix) return _makeGenericJsonServiceModule(prefix, id);"
_MISSING = """"MiniStack local executor has no stub for '" + id
        + "'; bundle the module with your function or use LAMBDA_EXECUTOR=docker.\""""
_SENTENCE = """"The sandbox has no '" + id + "', which Lambda's Node.js runtimes hold: run `npm install --save-exact "
        + id + "` in the folder where the sandbox is started, and start it again.\""""


def lend_the_aws_sdk(home: Path) -> None:
    """Show the installed clients to all functions: Node.js looks in every folder above a function's own."""
    link = home / "node_modules" / _SDK
    link.parent.mkdir(exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        link.unlink()
    installed = Path.cwd() / "node_modules" / _SDK
    if installed.is_dir():
        link.symlink_to(installed)
    script = lambda_runtime._NODEJS_WORKER_SCRIPT
    for old, new in ((_IMITATION, ""), (_MISSING, _SENTENCE)):
        if old not in script:
            raise LookupError(f"ministack's worker for Node.js functions has no more: {old}")
        script = script.replace(old, new)
    lambda_runtime._NODEJS_WORKER_SCRIPT = script
