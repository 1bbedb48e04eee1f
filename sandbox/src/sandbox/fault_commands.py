"""The commands `fault add`, `list`, `remove` and `kinds`."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable, Iterator
from typing import Annotated, Any, get_args

import typer
from pydantic.fields import FieldInfo
from rich.console import Console
from rich.table import Table

from sandbox.faults.fault import Fault
from sandbox.faults.file import FaultsFile, FaultsUnreadable, parse
from sandbox.faults.kinds import KINDS
from sandbox.settings import Settings

COMMAND = "python -m sandbox fault"

app = typer.Typer(
    help=f"Make something go wrong, as it does on AWS.\n\nExample: {COMMAND} add capacity {KINDS['capacity'].example}",
    no_args_is_help=True,
)
add = typer.Typer(help="Declare a fault; it strikes from now on.", no_args_is_help=True)
app.add_typer(add, name="add")
out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)


def _file() -> FaultsFile:
    return FaultsFile(Settings.from_environment().home)


@app.command("list")
def list_() -> None:
    """Show the declared faults, with numbers for `remove`. Example: fault list"""
    faults = _readable(_file())
    table = Table("no.", "kind", "whom and how", "strikes", box=None)
    for number, fault in enumerate(faults, 1):
        strikes = {None: "always", 0: "no more"}.get(fault.times, f"{fault.times} more")
        table.add_row(str(number), fault.kind, _options(fault) or "any", strikes)
    out.print(table if faults else "There are no faults.")


@app.command()
def remove(which: Annotated[str, typer.Argument(metavar="N|all", help="A number of `fault list`, or all.")]) -> None:
    """End a fault, or all of them. Example: fault remove 1"""
    file = _file()
    with file.locked():
        if which == "all":  # also if the file cannot be read
            file.write(())
            out.print("There are no faults.")
            raise typer.Exit
        faults = list(_readable(file))
        if not (which.isdigit() and 1 <= int(which) <= len(faults)):
            err.print(f"There is no fault {which}: `{COMMAND} list` numbers {len(faults)}.")
            raise typer.Exit(2)
        removed = faults.pop(int(which) - 1)
        file.write(faults)
    out.print(f"Removed: {removed.kind} {_options(removed)}".rstrip())


@app.command()
def kinds() -> None:
    """Show every kind of fault with an example. Example: fault kinds

    Names may be patterns: * and ? as in a shell, and ! before one for all others.
    """
    for kind, model in KINDS.items():
        lines = [kind, model.__doc__, f"{COMMAND} add {kind} {model.example}", *_difference(model)]
        out.print("\n  ".join(map(str, lines)))


def _difference(model: type[Fault]) -> list[str]:
    return [f"Here, {model.reduced}."] if model.reduced else []


def _readable(file: FaultsFile) -> tuple[Fault, ...]:
    try:
        return file.read_now()
    except FaultsUnreadable as error:
        err.print(f"{error}\nCorrect the file, or drop it: {COMMAND} remove all", markup=False)
        raise typer.Exit(2) from None


def _options(fault: Fault) -> str:
    chosen = {name: value for name, value in fault.declaration().items() if name not in ("kind", "times")}
    return shlex.join(word for name, value in chosen.items() for word in (_option(name), str(value)))


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _declare(kind: str, **given: Any) -> None:
    chosen = {name: value for name, value in given.items() if value is not None}
    try:
        (fault,) = parse({"faults": [{"kind": kind, **chosen}]}, f"fault add {kind}")
    except FaultsUnreadable as error:
        err.print(str(error), markup=False)
        raise typer.Exit(2) from None
    file = _file()
    with file.locked():
        faults = (*_readable(file), fault)
        file.write(faults)
    out.print(f"Fault {len(faults)}: {kind} {_options(fault)}".rstrip())


def _adder(kind: str, model: type[Fault]) -> Callable[..., None]:
    """A command with the model's fields as options, so that file and command line agree."""

    def command(**given: Any) -> None:
        _declare(kind, **given)

    command.__signature__ = inspect.Signature(list(_parameters(model)))  # type: ignore[attr-defined]
    command.__doc__ = f"{model.__doc__}\n\nExample: {COMMAND} add {kind} {model.example}"
    return command


def _parameters(model: type[Fault]) -> Iterator[inspect.Parameter]:
    for name, field in model.model_fields.items():
        if name != "kind":
            default = inspect.Parameter.empty if field.is_required() else None
            option = typer.Option(_option(name), help=_help(field), show_default=False)
            how = inspect.Parameter.KEYWORD_ONLY
            yield inspect.Parameter(name, how, default=default, annotation=Annotated[_type(field), option])


def _help(field: FieldInfo) -> str:
    text = (field.description or "").capitalize()
    return text if field.default is None or field.is_required() else f"{text} (default {field.default:g})"


def _type(field: FieldInfo) -> Any:
    allowed = {field.annotation, *get_args(field.annotation)}
    return next((number for number in (float, int) if number in allowed), str)


for _kind, _model in KINDS.items():
    add.command(_kind)(_adder(_kind, _model))
