"""Rules about a model's package: its files, and its declarations against all that the model's file declares."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from specs import hyperparameter_rules, metric_rules, words
from specs.document import Document
from specs.serving_code import HandlerUnreadable, MediaTypes, read_media_types
from specs.training_code import AlgorithmUnreadable, read_algorithm
from training.common.algorithm import Algorithm
from training.common.hyperparameters import table

PACKAGE = ("training", "package")
FILES = ("data", "files")
JUDGE = ("evaluation", "judge")
MODULES = ("prepare.py", "train.py", "evaluate.py", "algorithm.py")


def check(root: Path, model: Document) -> None:
    """Check one model. A misspelt package is taken for the one that it resembles, so that all else is checked."""
    package = model.sound(*PACKAGE)
    if package is not None and not (root / "training" / package).is_dir():
        package = _refuse_unknown(root, model, package)
    if package is None:
        return
    lacking = [file for file in _needed_files(package) if not (root / file).is_file()]
    if lacking:
        message = f"there is no {words.either(lacking)}"
        model.refuse(PACKAGE, message, allowed=_needed(package), write=f"{lacking[0]} (docs/add-a-model.md)")
    if _parses(root / "training" / package / "algorithm.py") and (algorithm := _algorithm(root, model, package)):
        hyperparameter_rules.check(model, table(algorithm.hyperparameters))
        metric_rules.check(model, algorithm)
        _files(model, algorithm.files)
        _judge(model, algorithm)
    if _parses(root / "inference" / f"{package}.py") and (media_types := _media_types(root, model, package)):
        _types(model, "content_types", media_types.content_types, "answers no such requests")
        _types(model, "response_types", media_types.response_types, "writes no such answers")


def package_of(model: Document) -> str | None:
    """The package that a model names, if it can be a folder's name."""
    package = model.value(PACKAGE)
    return package if isinstance(package, str) and package.isidentifier() else None


def _parses(file: Path) -> bool:
    """Tell whether Python reads a file; container_imports names the line where it does not."""
    try:
        return file.is_file() and bool(ast.parse(file.read_bytes()))
    except (SyntaxError, ValueError):
        return False


def _algorithm(root: Path, model: Document, package: str) -> Algorithm | None:
    try:
        return read_algorithm(root, package)
    except AlgorithmUnreadable as error:
        allowed = "ALGORITHM = Algorithm(…), with a dataclass of the fields integer(…), number(…) or choice(…)"
        model.refuse(PACKAGE, words.plain(str(error)), allowed=allowed, write=error.write)
        return None


def _media_types(root: Path, model: Document, package: str) -> MediaTypes | None:
    try:
        return read_media_types(root, package)
    except HandlerUnreadable as error:
        allowed = "CONTENT_TYPES and RESPONSE_TYPES in the handler, each a tuple of texts"
        model.refuse(PACKAGE, words.plain(str(error)), allowed=allowed, write=error.write)
        return None


def _refuse_unknown(root: Path, model: Document, package: str) -> str | None:
    """Refuse a package without a folder; returns the one that was probably meant."""
    known = sorted(path.parent.name for path in (root / "training").glob("*/train.py"))
    near = words.nearest(package, known)
    allowed = f"{words.either(known)}; or a new folder: {_needed(package)}" if known else _needed(package)
    write = words.quoted(near) if near else f"training/{package}/algorithm.py and the others (docs/add-a-model.md)"
    model.refuse(PACKAGE, f"there is no folder training/{package}", allowed=allowed, write=write)
    return near


def _needed_files(package: str) -> list[str]:
    return [*(f"training/{package}/{module}" for module in MODULES), f"inference/{package}.py"]


def _needed(package: str) -> str:
    return f"training/{package} with {', '.join(MODULES[:-1])} and {MODULES[-1]}, and inference/{package}.py"


def _files(model: Document, sets: tuple[tuple[str, ...], ...]) -> None:
    """Require one whole set of the files that prepare reads, and nothing beside it."""
    declared = model.sound(*FILES)
    if not declared:
        return
    known = {name for names in sets for name in names}
    meant = [name if name in known else words.nearest(name, known) for name in declared]
    wanted = max(sets, key=lambda names: len({*names} & {*meant}))
    allowed = "; or ".join(", ".join(names) for names in sets)
    lacking = [name for name in wanted if name not in meant]
    for index, (name, near) in enumerate(zip(declared, meant, strict=True)):
        if name in wanted:
            continue
        if near in wanted and near not in declared:
            cure = words.quoted(near)
        else:
            cure = words.quoted(lacking.pop(0)) if lacking else f"nothing: remove {words.quoted(name)}"
        message = "the step prepare reads no such file" if name not in known else "this file is of another data set"
        model.refuse((*FILES, index), message, allowed=allowed, write=cure)
    for name in lacking:
        model.refuse(FILES, f"{name} is missing, which the step prepare reads", allowed=allowed, write=_list(wanted))


def _judge(model: Document, algorithm: Algorithm) -> None:
    """The evaluation gets a judge if its code reads one."""
    if algorithm.needs_judge and isinstance(model.sound("evaluation"), dict) and model.value(JUDGE) is None:
        message = "the evaluation's code reads a judge, and none is declared"
        model.refuse(JUDGE, message, allowed="the name of another model", write='judge = "…"')
    elif not algorithm.needs_judge and model.sound(*JUDGE) is not None:
        message = "the evaluation's code reads no judge"
        model.refuse(JUDGE, message, allowed="no judge", write="nothing: remove judge")


def _types(model: Document, key: str, known: tuple[str, ...], message: str) -> None:
    """Each declared media type is one of the handler's."""
    declared = model.sound("serving", key) or ()
    for index, name in enumerate(declared):
        if name not in known:
            near = next((each for each in (words.nearest(name, known), *known) if each and each not in declared), None)
            write = words.quoted(near) if near else f"nothing: remove {words.quoted(name)}"
            allowed = words.either(map(words.quoted, known))
            model.refuse(("serving", key, index), f"the handler {message}", allowed=allowed, write=write)


def _list(names: Iterable[str]) -> str:
    return "[" + ", ".join(map(words.quoted, names)) + "]"
