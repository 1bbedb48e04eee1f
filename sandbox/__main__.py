"""The answer to `python -m sandbox` by a Python without it. Its code is in src/."""

import sys

sys.exit(
    f"{sys.executable} has no sandbox installed. Use the Python of this checkout: .venv/bin/python -m sandbox ...; "
    'after eval "$(.venv/bin/python -m sandbox env)" it comes first in this shell.'
)
