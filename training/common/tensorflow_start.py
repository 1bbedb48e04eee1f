"""The import of TensorFlow without packages that its own tools use and no job does.

Keras and TensorFlow import these for notebooks, plots and wrappers, and do without them where they are not installed:
4 of 10 parts of the import's time (2 CPU seconds instead of 3.5, TensorFlow 2.21).
"""

from __future__ import annotations

import importlib
import sys

UNUSED = ("matplotlib", "pandas", "pyarrow", "scipy", "sklearn")


def import_tensorflow() -> None:
    """Import TensorFlow and Keras as on a machine without UNUSED, which can be imported afterwards.

    Keras's own tools for one of them, such as keras.wrappers for sklearn, need it imported before.
    """
    print("importing TensorFlow", flush=True)
    absent = [name for name in UNUSED if name not in sys.modules]
    # None makes an import fail. Source: Python, "The import system", "The module cache".
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        importlib.import_module("tensorflow")
    finally:
        for name in absent:
            del sys.modules[name]
