"""One run of the demo: its model, its connection, and the results that one phase leaves for the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from demo.figures import Figures
from demo.view import Board
from operations.aws.connection import Connection, connect
from operations.deployed.registry import PackageVersion
from specs import EnvironmentSpec, ModelSpec, names


@dataclass
class Run:
    """One run of the demo. `release` is the ARN of its release execution, `package` the version that it trained."""

    root: Path
    environment: EnvironmentSpec
    model: ModelSpec
    board: Board
    figures: Figures = field(default_factory=Figures)
    sandbox_is_ours: bool = False
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    release: str | None = None
    package: PackageVersion | None = None
    _connection: Connection | None = None

    @property
    def connection(self) -> Connection:
        """The connection to the sandbox, once it is up."""
        if self._connection is None:
            self._connection = connect(self.environment)
        return self._connection

    @property
    def group(self) -> str:
        """The name of the endpoint and of its model package group."""
        return names.endpoint(self.environment.name, self.model.name)

    def note_line(self, line: str) -> None:
        self.board.note(line)
