"""`python -m operations`."""

import sys
from pathlib import Path

from install import own_python

if (sentence := own_python.other_checkout(Path.cwd())) is not None:
    sys.exit(sentence)
try:
    from operations.cli import main
except ModuleNotFoundError as error:
    sys.exit(own_python.lacks(error, Path.cwd()))

main()
