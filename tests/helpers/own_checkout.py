"""A checkout with declarations that a test may edit, for commands and the CDK CLI."""

from __future__ import annotations

from pathlib import Path

from own_sandbox import ROOT

_OWN = {"environments", "models", "app.py"}  # app.py reads the declarations beside it
_WRITTEN = {".git", "build", "cdk.out"}


def own_checkout(folder: Path, *models: str) -> Path:
    """Fill a folder: copies of the environment `local` and of these models, links to the rest."""
    for path in ROOT.iterdir():
        if path.name not in _OWN | _WRITTEN:
            (folder / path.name).symlink_to(path)
    for name in ("app.py", "environments/local.toml", *(f"models/{model}.toml" for model in models)):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder
