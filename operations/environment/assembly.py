"""The stacks as the CDK synthesizes them now, and imports by the CDK CLI.

The CLI works with the roles of the account's bootstrap, so a person needs no rights of CloudFormation's own.
Source: AWS Cloud Development Kit, "cdk import".
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operations.deployed import cdk_cli
from operations.errors import Failed

_TOLD = 15  # lines of the CLI's output in an error
_STACK = "aws:cloudformation:stack"

Resources = Mapping[str, Any]
"""Resources of a template by their logical ids."""
Identifiers = Mapping[str, Mapping[str, str]]
"""The properties that find an existing resource, with their values, by logical id."""


@dataclass(frozen=True)
class Assembly:
    """A folder with the template file of each stack, by the stack's name."""

    folder: Path
    files: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path) -> Assembly:
        """Read what a synthesis has written."""
        artifacts = json.loads((folder / "manifest.json").read_text())["artifacts"]
        stacks = {name: artifact for name, artifact in artifacts.items() if artifact["type"] == _STACK}
        return cls(folder, {name: artifact["properties"]["templateFile"] for name, artifact in stacks.items()})

    def templates(self) -> dict[str, dict[str, Any]]:
        """The templates by their stacks' names."""
        return {stack: self._template(stack) for stack in self.files}

    def resources(self, stack: str) -> Resources:
        """The resources of a stack's template."""
        return self._template(stack)["Resources"]

    def import_resources(self, stack: str, definitions: Resources, identifiers: Identifiers) -> None:
        """Import existing resources under these definitions, which replace those of the template. Raises ``Failed``."""
        template = self._template(stack)
        template["Resources"] |= definitions
        (self.folder / self.files[stack]).write_text(json.dumps(template))
        mapping = self.folder / f"{stack}.mapping.json"
        mapping.write_text(json.dumps(identifiers))
        _cdk("import", stack, "--app", str(self.folder), "--resource-mapping", str(mapping), "--force")

    def _template(self, stack: str) -> dict[str, Any]:
        return json.loads((self.folder / self.files[stack]).read_text())


def synthesize(environment: str, folder: Path) -> Assembly:
    """Synthesize an environment into a folder. Raises ``Failed`` with the CLI's words."""
    _cdk("synth", "--quiet", "-c", f"environment={environment}", "--output", str(folder))
    return Assembly.read(folder)


def _cdk(*arguments: str) -> None:
    ended = subprocess.run(
        [cdk_cli.find(), *arguments, "--no-notices", "--no-color"],
        env=cdk_cli.variables(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ended.returncode:
        told = "\n".join(ended.stdout.strip().splitlines()[-_TOLD:])
        raise Failed(f"`cdk {' '.join(arguments[:2])}` failed:\n{told}")
