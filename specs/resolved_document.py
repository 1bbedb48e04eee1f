"""An environment's document with one model's overrides in it, for rules to check."""

from __future__ import annotations

from typing import Any

from specs.document import NOTHING, Document
from specs.overrides import Overrides, merge
from specs.toml_places import Place
from specs.words import Path


class ResolvedDocument(Document):
    """One document for the rules; problems are noted in the value's own file."""

    def __init__(self, environment: Document, model: Document) -> None:
        self.environment, self.model = environment, model
        self._prefix: Path = ("environment", environment.stem)
        self._override = {
            name: table
            for name in Overrides.model_fields
            if isinstance(table := model.value((*self._prefix, name)), dict)
        }
        super().__init__(environment.file, environment.stem, merge(environment.data, self._override), {})

    @property
    def declares_candidates(self) -> bool:
        """Tell whether the model has its own candidates in this environment."""
        return "candidates" in self._override.get("training", {})

    def place(self, path: Path) -> Place | None:
        document, its_path = self._source(path)
        return document.place(its_path)

    def where(self, path: Path) -> str:
        document, its_path = self._source(path)
        return document.where(its_path)

    def dotted(self, path: Path) -> str:
        document, its_path = self._source(path)
        return document.dotted(its_path)

    def beside(self, path: Path) -> tuple[str, ...]:
        document, its_path = self._source(path)
        return document.beside(its_path)

    def first_overridden(self, *paths: Path) -> Path:
        return next((path for path in paths if self._is_overridden(path)), paths[0])

    def sound(self, *path: str | int) -> Any:
        document, its_path = self._source(path)
        return None if document.sound(*its_path) is None else self.value(path)

    def refuse(self, path: Path, message: str, *, allowed: str, write: str, received: Any = NOTHING) -> None:
        """Note a problem, unless the environment's own document has it already, or its cause."""
        document, its_path = self._source(path)
        follows = any(self.environment.has_refused(path[:end]) for end in range(1, len(path)))
        if not follows and not document.has_refused(its_path):
            document.refuse(its_path, message, allowed=allowed, write=write, received=received)

    def _source(self, path: Path) -> tuple[Document, Path]:
        """The document that the value at `path` comes from, and its path there."""
        if self._is_overridden(path):
            return self.model, (*self._prefix, *path)
        return self.environment, path

    def _is_overridden(self, path: Path) -> bool:
        override: Any = self._override
        base: Any = self.environment.data
        for part in path:
            if not isinstance(override, dict) or not isinstance(base, dict):
                return True  # the override stands in place of all that the environment has here
            if part not in override:
                return False
            override, base = override[part], base.get(part)
        return True


def overridden(models: list[Document], environments: list[Document]) -> list[ResolvedDocument]:
    """Resolve each environment for each model that overrides a value of it."""
    return [
        ResolvedDocument(environment, model)
        for environment in environments
        for model in models
        if isinstance(model.value(("environment", environment.stem)), dict)
    ]
