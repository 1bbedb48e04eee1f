"""What an unpacked model archive holds, by the container's own rules."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class BadArchive(Exception):
    """When the container would not serve the archive; the message says why."""


@dataclass(frozen=True)
class Archive:
    """One model: its name, its numbered versions, and the code beside it."""

    model_name: str
    versions: dict[int, Path]
    inference: Path
    library: Path | None

    @classmethod
    def read(cls, folder: Path) -> Archive:
        """Find `<digits>/saved_model.pb` and `code/inference.py` below the folder. Raises BadArchive."""
        parents = sorted(
            {found.parent.parent for found in folder.rglob("saved_model.pb") if found.parent.name.isdigit()}
        )
        if not parents:
            raise BadArchive(
                "The archive holds no <digits>/saved_model.pb: put the SavedModel into a numbered folder, such as "
                "1/saved_model.pb."
            )
        if len(parents) > 1:
            names = ", ".join(str(parent.relative_to(folder)) for parent in parents)
            raise BadArchive(f"The archive holds several models ({names}); the sandbox serves one.")
        return cls(
            "model" if parents[0] == folder else parents[0].name,
            {int(path.parent.name): path.parent for path in parents[0].glob("*/saved_model.pb")},
            _inference(folder / "code"),
            (folder / "code" / "lib") if (folder / "code" / "lib").is_dir() else None,
        )


def _inference(code: Path) -> Path:
    if (code / "requirements.txt").exists():
        raise BadArchive(
            "code/requirements.txt would be installed by pip when the container starts, which has no internet: ship "
            "the packages in code/lib instead."
        )
    if not (code / "inference.py").exists():
        raise BadArchive(
            "The archive holds no code/inference.py; the sandbox does not serve the container's mode without it yet."
        )
    return code / "inference.py"
