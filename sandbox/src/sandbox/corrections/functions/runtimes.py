"""The runtimes of Lambda functions: what a function's process finds, and nothing of the sandbox's own.

Node.js functions find the clients of the AWS SDK that npm has installed in the folder where the sandbox was started,
Python functions the packages of `_PACKAGES`, and both the environment variables of a function.
Sources: Lambda Developer Guide, "Building Lambda functions with Node.js" and "... with Python", runtime-included SDK
versions; "Working with Lambda environment variables", defined runtime environment variables.
"""

from __future__ import annotations

import importlib.util
import shlex
import shutil
import sys
from pathlib import Path

from ministack.core import lambda_runtime

from sandbox.corrections.functions import workers
from sandbox.machines import function_process

NAMES = {"ministack.core.lambda_runtime": "_detect_runtime_binary"}
OVERRIDES = {
    "Lambda: AWS SDK of Node.js functions": "ministack has imitations, for services with a JSON protocol only; "
    "functions get the real clients that npm has installed, and a sentence that names a missing one",
    "Lambda: processes of functions": "ministack gives them its own environment and packages, so that a function "
    "without its dependencies passes; they get those of Lambda's runtimes",
}

_SDK = "@aws-sdk"
_PACKAGES = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")
_IMITATION = "if (prefix) return _makeGenericJsonServiceModule(prefix, id);"
_MISSING = """"MiniStack local executor has no stub for '" + id
        + "'; bundle the module with your function or use LAMBDA_EXECUTOR=docker.\""""
_SENTENCE = """"The sandbox has no '" + id + "', which Lambda's Node.js runtimes hold: run `npm install --save-exact "
        + id + "` in the folder where the sandbox is started, and start it again.\""""


def start_by_runtimes(home: Path) -> None:
    """Start functions as Lambda's runtimes do; their files lie in the sandbox's folder."""
    _lend_the_sdk_for_node(home / "node_modules" / _SDK)
    workers.change_node({_IMITATION: "", _MISSING: _SENTENCE})
    folder = home / "runtimes"
    shutil.rmtree(folder, ignore_errors=True)
    python = ["python", str(_packages(folder / "packages"))]
    node = ["node", shutil.which("node") or "node"]
    _start_by({sys.executable: _starter(folder, python), "node": _starter(folder, node)})


def _lend_the_sdk_for_node(link: Path) -> None:
    """Show the installed clients to all functions: Node.js looks in every folder above a function's own."""
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    installed = Path.cwd() / "node_modules" / _SDK
    if installed.is_dir():
        link.symlink_to(installed)


def _packages(folder: Path) -> Path:
    """Fill the folder with the packages of Lambda's Python runtimes."""
    folder.mkdir(parents=True)
    for name in _PACKAGES:
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            raise LookupError(f"the package {name}, which Lambda's Python runtimes hold, is not installed")
        origin = Path(found.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (folder / source.name).symlink_to(source)
    return folder


def _starter(folder: Path, words: list[str]) -> str:
    """Write the program that starts the functions of a language."""
    command = [sys.executable, "-I", "-S", function_process.__file__, *words]
    starter = folder / words[0]
    starter.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
    starter.chmod(0o755)
    return str(starter)


def _start_by(starters: dict[str, str]) -> None:
    """Start functions by these programs instead of ministack's commands."""
    former = lambda_runtime._detect_runtime_binary

    def detect(runtime: str) -> tuple[str, str]:
        command, script = former(runtime)
        return starters.get(command, command), script

    lambda_runtime._detect_runtime_binary = detect
