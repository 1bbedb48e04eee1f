"""The TOML files of models/ or environments/."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from specs import words
from specs.document import Document, read
from specs.problems import Problem


@dataclass(frozen=True)
class Folder:
    """The documents of a folder, its file names, and a problem for each unreadable file."""

    names: list[str]
    documents: list[Document]
    unread: list[Problem]

    @property
    def problems(self) -> list[Problem]:
        """All problems found in the files so far."""
        return [*self.unread, *(problem for document in self.documents for problem in document.problems)]


def read_folder(root: Path, name: str) -> Folder:
    """Read every *.toml of a folder below the root."""
    folder = Folder(names=[], documents=[], unread=[])
    for path in sorted((root / name).glob("*.toml")):
        folder.names.append(words.plain(path.stem))
        found = read(path, f"{name}/{words.plain(path.name)}")
        if isinstance(found, Document):
            folder.documents.append(found)
        else:
            folder.unread.append(found)
    return folder
