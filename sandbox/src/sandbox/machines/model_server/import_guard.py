"""The import guard, which hides packages that AWS's inference image lacks from handlers."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import packages_distributions
from types import ModuleType

_PRESENT = """
aiohappyeyeballs aiohttp aiosignal attrs awscli boto3 botocore certifi charset-normalizer cloudpickle colorama cython
docutils falcon frozenlist gevent greenlet grpcio gunicorn idna jmespath joblib multidict narwhals numpy packaging
pandas pip propcache protobuf pyasn1 python-dateutil pyyaml requests rsa s3transfer scikit-learn scipy six threadpoolctl
typing-extensions urllib3 yarl zope-event zope-interface
"""
"""The distributions of the image (aws/deep-learning-containers, docker/tensorflow/inference/2.20/cpu/uv.lock)."""


class ImagePackages(MetaPathFinder):
    """Python's finder of files without the absent packages, unless the code brings its own."""

    def __init__(self, absent: set[str], code_paths: list[str]) -> None:
        self._absent, self._code_paths = absent, code_paths

    find_distributions = staticmethod(PathFinder.find_distributions)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return PathFinder.find_spec(fullname, self._code_paths if fullname in self._absent else path, target)


def enter_container(code_paths: list[str], hidden_path: str) -> None:
    """Make imports behave as in the image: the code first, without the packages of this environment alone."""
    kept = [path for path in sys.path if path not in ("", hidden_path)]
    sys.path[:] = [*code_paths, *kept]
    sys.meta_path[sys.meta_path.index(PathFinder)] = ImagePackages(_absent(), code_paths)


def _absent() -> set[str]:
    present = set(_PRESENT.split())
    installed = packages_distributions().items()
    return {package for package, found in installed if not present & {_normal(each) for each in found}}


def _normal(distribution: str) -> str:
    """A distribution's name as a lock file writes it. Source: PyPA, "Names and normalization"."""
    return re.sub(r"[-_.]+", "-", distribution).lower()
