"""The TOML files of models/ or environments/: those that were read, and a fault for each of the others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from specs import words
from specs.document import Document, read
from specs.faults import Fault


@dataclass(frozen=True)
class Folder:
    """`names` are those of all files; `unread` has one fault for each file that could not be read."""

    names: list[str]
    documents: list[Document]
    unread: list[Fault]

    @property
    def faults(self) -> list[Fault]:
        """All that was found in the files so far."""
        return [*self.unread, *(fault for document in self.documents for fault in document.faults)]


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
