"""Errors in a state machine's definition, in the form of ValidateStateMachineDefinition.

AWS Step Functions API Reference, "ValidateStateMachineDefinitionDiagnostic": the codes.
"""

from __future__ import annotations

from dataclasses import dataclass

ERROR, WARNING = "ERROR", "WARNING"
LACKING = "NOT_IMPLEMENTED"
"""The code, of our own, for what AWS has and the sandbox has not."""


@dataclass(frozen=True)
class Diagnostic:
    """One error or warning."""

    code: str
    message: str
    location: str | None = None
    """Steps through the definition, such as /States/Train/Catch[0]/Next."""
    severity: str = ERROR

    def __str__(self) -> str:
        return f"{self.code}: {self.message} at {self.location or 'null'}"


@dataclass(frozen=True)
class Machine:
    """Facts that hold for all states of a machine."""

    kind: str
    """STANDARD or EXPRESS."""
    integrations: frozenset[str]
    """The optimized integrations of the sandbox, such as arn:aws:states:::sqs:sendMessage."""
    query_language: str = "JSONPath"


@dataclass(frozen=True)
class Place:
    """The place of a value in the definition, and the facts that hold there."""

    machine: Machine
    language: str
    """The query language of the state: JSONPath or JSONata."""
    steps: str = ""

    @property
    def location(self) -> str:
        return self.steps or "/"

    def member(self, name: str) -> Place:
        return Place(self.machine, self.language, f"{self.steps}/{name}")

    def item(self, position: int) -> Place:
        return Place(self.machine, self.language, f"{self.steps}[{position}]")

    def speaking(self, language: str) -> Place:
        return Place(self.machine, language, self.steps)

    def fault(self, message: str, code: str = "SCHEMA_VALIDATION_FAILED") -> Diagnostic:
        return Diagnostic(code, message, self.location)
