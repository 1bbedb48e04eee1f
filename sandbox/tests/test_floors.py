"""Floors import downwards only; no modules or rooms import each other in a circle."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

from import_graph import circles, graph, imports, modules

from sandbox import catalogue

SOURCES = Path(__file__).resolve().parents[1] / "src"
MAY_IMPORT: Mapping[str, frozenset[str]] = {
    "frame": frozenset(),
    "faults": frozenset({"frame"}),
    "machines": frozenset({"frame"}),
    "corrections": frozenset({"frame", "faults", "machines"}),
    "services": frozenset({"frame", "faults", "machines"}),
}
"""The floors that each floor may import. The rooms above (composition, state, access) import any."""


def floor(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def upward(found: Mapping[str, set[str]]) -> list[str]:
    """The imports that MAY_IMPORT forbids."""
    return [
        f"{module} imports {imported}"
        for module, names in sorted(found.items())
        if floor(module) in MAY_IMPORT
        for imported in sorted(names)
        if floor(imported) not in MAY_IMPORT[floor(module)] | {floor(module)}
    ]


def rooms(found: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The rooms that each room imports, without itself: a floor, or a module or folder above the floors."""
    between: dict[str, set[str]] = {floor(module): set() for module in found}
    for module, names in found.items():
        between[floor(module)] |= {floor(name) for name in names} - {floor(module)}
    return between


def test_imports_are_found_wherever_they_stand() -> None:
    source = (
        "if TYPE_CHECKING:\n    from sandbox.a import b, C\ndef f():\n    import sandbox.c\nfrom sandbox.d import E\n"
    )
    known = {f"sandbox.{name}": Path() for name in ("a", "a.b", "c", "d")}
    assert sorted(imports(source, known)) == ["sandbox.a", "sandbox.a.b", "sandbox.c", "sandbox.d"]


def test_an_upward_import_is_named() -> None:
    found = {"sandbox.frame.host": {"sandbox.services.sagemaker"}, "sandbox.services.sagemaker": {"sandbox.frame.host"}}
    assert upward(found) == ["sandbox.frame.host imports sandbox.services.sagemaker"]


def test_a_circle_is_named_without_those_who_lead_to_it_or_follow_from_it() -> None:
    assert circles({"top": {"a"}, "a": {"b"}, "b": {"c"}, "c": {"a", "leaf"}, "leaf": set()}) == ["a", "b", "c"]


def test_floors_import_downwards() -> None:
    found = graph(modules(SOURCES, "sandbox"))
    assert {floor(module) for module in found} >= MAY_IMPORT.keys()
    assert upward(found) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles(graph(modules(SOURCES, "sandbox"))) == []


def test_a_circle_of_rooms_is_named_though_no_modules_form_one() -> None:
    found = {"sandbox.server.end": {"sandbox.top"}, "sandbox.top": {"sandbox.server.settings"}}
    assert circles(rooms(found | {"sandbox.server.settings": set()})) == ["server", "top"]


def test_no_rooms_import_each_other_in_a_circle() -> None:
    assert circles(rooms(graph(modules(SOURCES, "sandbox")))) == []


def test_no_package_loses_an_imported_name_to_its_own_module() -> None:
    """An import of `package.handlers` binds `handlers` in the package, over another module of that name."""
    lost = []
    for path in sorted(SOURCES.rglob("__init__.py")):
        inside = {child.stem for child in path.parent.iterdir()}
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] != "sandbox":
                lost += [f"{path}: {name.name}" for name in node.names if (name.asname or name.name) in inside]
    assert lost == []


def spoken(source: str) -> list[str]:
    """The strings of a source that are not documentation."""
    tree = ast.parse(source)
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation
    ]


def test_documentation_is_told_from_what_the_code_says() -> None:
    assert spoken('"""About sagemaker."""\nX = "sagemaker"\n"""sagemaker"""') == ["sagemaker"]


def test_the_frame_knows_no_service_by_name() -> None:
    services = [service.name for service in catalogue.declared()]
    said = {
        name: spoken(path.read_text()) for name, path in modules(SOURCES, "sandbox").items() if floor(name) == "frame"
    }
    assert any(said.values())
    assert [
        (name, text) for name, texts in said.items() for text in texts if any(map(text.__contains__, services))
    ] == []
