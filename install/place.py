"""The rules for the folder of a checkout."""

from __future__ import annotations

import os
from pathlib import Path

from install.refused import Refused

_SEPARATORS = {
    ":": "PATH separates its folders by it, and Python makes no virtual environment there",
    "$": "the AWS CLI takes what follows it for the name of a variable",
    "\n": "the programs in .venv begin with a line that holds the path",
}
"""All other characters work: blanks, quotes, `#`, `%`, brackets and letters of any script were tried."""


def check(root: Path) -> None:
    """Raise ``Refused`` for a checkout in which the tools cannot work."""
    for character, reason in _SEPARATORS.items():
        if character in str(root):
            raise Refused(
                f"The path of this checkout is {str(root)!r}, and it cannot hold {character!r}: {reason}. "
                "Move the checkout to another folder, such as ~/slipway."
            )
    if not os.access(str(root), os.W_OK):
        raise Refused(
            f"This checkout cannot be written: {root}. Everything is installed into it (.venv, node_modules, .cache), "
            "and written there (build, cdk.out). Clone it to a folder of your own."
        )
