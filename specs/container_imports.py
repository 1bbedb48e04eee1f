"""The imports of shipped code, against what the containers hold that run it: no job can install anything.

`containers/` has a table for each image of AWS: distribution, version and import names, with its source.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from specs import words
from specs.problems import Problem

_TABLES = Path(__file__).with_name("containers")
_TRAINING, _INFERENCE = "tensorflow-training", "tensorflow-inference"
_COMMON = ("pages", "training/common")
_SERVING = "inference/serving.py"
_STANDARD = sys.stdlib_module_names - {"asynchat", "asyncore", "distutils", "imp", "smtpd"}
"""The standard library without what the containers' Python has no more ("What's New In Python 3.12", Removed)."""
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_UNSHIPPED = frozenset({"__pycache__", "tests"})


@dataclass(frozen=True)
class _Image:
    """One table, and what the code in that container may import of its own."""

    repository: str
    own: frozenset[str]
    modules: dict[str, str]
    """The import names, those in a namespace with a dot, and the distribution of each."""

    def holds(self, module: str) -> bool:
        """Tell whether a module or a package around it is there."""
        known = self.own | self.modules.keys()
        return any(name in known for name in _with_packages(module)) or module in {n.partition(".")[0] for n in known}

    def name_in(self, distribution: str) -> str | None:
        """The import name of a distribution, such as PIL for pillow."""
        wanted = distribution.lower().replace("_", "-")
        return next((module for module, found in self.modules.items() if found == wanted), None)


@dataclass(frozen=True)
class _Import:
    module: str
    line: int


def problems(root: Path, packages: Iterable[str | None]) -> list[Problem]:
    """One problem for each import that finds nothing, in these packages and the shared code."""
    chosen = sorted({package for package in packages if package and (root / "training" / package).is_dir()})
    if not chosen:
        return []
    found = [problem for folder in _COMMON for problem in _in_training(root, root / folder, ())]
    found += [problem for package in chosen for problem in _in_training(root, root / "training" / package, (package,))]
    served = [root / _SERVING, *(root / "inference" / f"{package}.py" for package in chosen)]
    image = _image(_INFERENCE, "serving")
    return found + [problem for path in served if path.is_file() for problem in _in_file(root, path, image)]


def _in_training(root: Path, folder: Path, packages: tuple[str, ...]) -> Iterator[Problem]:
    """The problems of a folder of training code that is shipped with these packages."""
    own = ("pages", *(f"training.{name}" for name in ("common", *packages)))
    for path in sorted(folder.rglob("*.py")):
        if not _UNSHIPPED & set(path.relative_to(root).parts):
            yield from _in_file(root, path, _image(_TRAINING, *own))


def _in_file(root: Path, path: Path, image: _Image) -> Iterator[Problem]:
    file = path.relative_to(root).as_posix()
    try:
        imports = _imports_of(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        line, reason = getattr(error, "lineno", None), getattr(error, "msg", str(error))
        message = f"not valid Python: {words.plain(reason)}"
        yield Problem(file=file, line=line, message=message, allowed="Python 3.12", write="a file that Python reads")
        return
    for found in imports:
        first = found.module.partition(".")[0]
        if path.name == "algorithm.py" and importlib.util.find_spec(first) is None:
            continue  # code_rules runs this one, and says so
        if first in ("training", "serving") and found.module not in image.own:
            yield from _in_repository(root, file, found, image)
        elif not (first in _STANDARD or image.holds(found.module)):
            yield _problem(file, found, image)


def _in_repository(root: Path, file: str, found: _Import, image: _Image) -> Iterator[Problem]:
    """The problem of an import of this repository's code: not there, or not packed with the file."""
    exists = _exists(root, found.module)
    if found.module == "training" or (exists and not image.own.isdisjoint(_with_packages(found.module))):
        return
    if exists:
        message = f"{found.module} is not packed with this code"
        write = f"code that does without {found.module}"
    else:
        near = words.nearest(found.module, sorted(_own_modules(root, image)))
        message = f"there is no module {found.module}"
        write = f"import {near}" if near else "a module that is there"
    allowed = f"{words.either(sorted(image.own))}, the standard library, and what AWS's image {image.repository} holds"
    yield Problem(
        file=file, line=found.line, message=message, received=f"import {found.module}", allowed=allowed, write=write
    )


def _own_modules(root: Path, image: _Image) -> Iterator[str]:
    """All modules of this repository that are packed with the code."""
    for own in image.own:
        yield own
        folder = root / own.replace(".", "/")
        for path in folder.rglob("*"):
            if path.is_dir() or path.suffix == ".py":
                yield ".".join(path.relative_to(root).with_suffix("").parts)


def _exists(root: Path, module: str) -> bool:
    paths = [place / module.replace(".", "/") for place in (root, root / "inference")]
    return any(path.is_dir() or path.with_suffix(".py").is_file() for path in paths)


def _problem(file: str, found: _Import, image: _Image) -> Problem:
    held = image.name_in(found.module)
    return Problem(
        file=file,
        line=found.line,
        message=f"AWS's image {image.repository} holds no {found.module}, and containers cannot install it",
        received=f"import {found.module}",
        allowed=f"the standard library, {words.either(sorted(image.own))}, and what the image holds "
        f"(specs/containers/{image.repository}.txt)",
        write=f"import {held}" if held else f"code that does without {found.module}",
    )


@functools.cache
def _imports_of(code: bytes) -> tuple[_Import, ...]:
    """All imports of a file that matter; a process reads each file once."""
    return tuple(_imports(ast.parse(code).body))


def _imports(body: Iterable[ast.AST]) -> Iterator[_Import]:
    """All imports but those that the code does without: `try: import x` with `except ImportError`."""
    for node in body:
        if isinstance(node, ast.Import):
            yield from (_Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield _Import(node.module, node.lineno)
        elif isinstance(node, ast.Try) and any(map(_catches_import_errors, node.handlers)):
            yield from _imports([*node.handlers, *node.orelse, *node.finalbody])
        else:
            yield from _imports(statement for block in _BLOCKS for statement in getattr(node, block, ()))


def _catches_import_errors(handler: ast.ExceptHandler) -> bool:
    named = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(each, ast.Name) and each.id in ("ImportError", "ModuleNotFoundError") for each in named)


def _with_packages(module: str) -> Iterator[str]:
    """The module, the package that it is in, and so on: a.b, a."""
    while module:
        yield module
        module = module.rpartition(".")[0]


@functools.cache
def _image(repository: str, *own: str) -> _Image:
    lines = (_TABLES / f"{repository}.txt").read_text().splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]
    return _Image(repository, frozenset(own), {module: name for name, _, *modules in rows for module in modules})
