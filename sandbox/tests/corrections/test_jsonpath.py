"""JSONPath and intrinsic functions without a sandbox: what they find, what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox.corrections import intrinsic_calls, workflow_paths

DATA = {
    "list": [{"n": 1, "tag": "a"}, {"n": 2}, {"n": 3}],
    "text": "t",
    'a"b': "quoted",
    "null": None,
    "odd name": {"x": 1},
    "empty": [],
}
CONTEXT = {"Execution": {"Name": "run"}, "variables": {"v": {"w": [7, 8]}}, "QueryLanguage": "JSONPath"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", DATA),
        ("$.list[0].n", 1),
        ("$.list[-1].n", 3),
        ("$['odd name'].x", 1),
        ("$.['odd name'].x", 1),
        ("$.null", None),
        ("$.list[1:]", [{"n": 2}, {"n": 3}]),
        ("$.list[-2:].n", [2, 3]),
        ("$.list[0,2].n", [1, 3]),
        ("$.list[*].n", [1, 2, 3]),
        ("$..n", [1, 2, 3]),
        ("$.list[?(@.n >= 2)].n", [2, 3]),
        ("$.list[?(@.tag)].n", [1]),
        ("$.list[?(@.tag == 'a' || @.n == 3)].n", [1, 3]),
        ("$.list[?(@.n == 9)]", []),
        ("$.missing[*]", []),
        ("$.missing[1:].n", []),
        ("$.empty[*]", []),
        ("$.list.length()", 3),
        (r"""$['a\"b']""", "quoted"),
        ("$$.Execution.Name", "run"),
        ("$v.w[1]", 8),
        ("$v", {"w": [7, 8]}),
    ],
)
def test_a_path_finds(path: str, value: Any) -> None:
    assert workflow_paths.find(path, DATA, CONTEXT) == value


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("$.missing", "No results for path: $['missing']"),
        ("$.missing.deeper", "Missing property in path $['missing']"),
        ("$.text.x", "No results for path: $['text']['x']"),
        ("$.list[7]", "No results for path: $['list'][7]"),
        ("$.text[1:]", "Only a list has slices"),
        ("$[1:]", "Only a list has slices"),
        ("$.null.length()", "Only a list, an object or a string has a length"),
        ("$$.Task.Token", "Missing property in path $['Task']"),
        ("$$.QueryLanguage", "No results for path: $['QueryLanguage']"),
        ("$unknown", "No variable $unknown"),
    ],
)
def test_a_path_that_finds_nothing_fails(path: str, why: str) -> None:
    with pytest.raises(workflow_paths.NotFound) as missing:
        workflow_paths.find(path, DATA, CONTEXT)
    assert str(missing.value) == why


@pytest.mark.parametrize(
    "path",
    ["a", "$.", "$..", "$.a[", "$.a.max()", "$.a.length().b", "$.a[(@.length-1)]", "$.a b", "$.a[?(@.b =~ /x/)]"],
)
def test_what_is_no_path_has_a_fault(path: str) -> None:
    assert path in (workflow_paths.fault(path) or "")


@pytest.mark.parametrize("path", ["$.a[*]", "$..a", "$.a[1:2]", "$.a[?(@.b)]", "$.a[0,1]"])
def test_a_reference_path_names_one_node(path: str) -> None:
    assert workflow_paths.fault(path) is None
    assert "is no reference path" in (workflow_paths.fault(path, reference=True) or "")


@pytest.mark.parametrize(
    "text",
    ["States.UUID()", "States.Format('a \\'b\\' {}', $.x)", "States.JsonToString($.a[?(@.b <= 1 && @.c == ')')])"],
)
def test_an_intrinsic_function_is_understood(text: str) -> None:
    assert intrinsic_calls.fault(text) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("States.Nothing()", "is no intrinsic function"),
        ("States.Format('a'", "neither a comma nor a closing bracket"),
        ("States.Format('a',)", "without an argument after it"),
        ("States.Format(x)", "has no argument at 'x)'"),
        ("States.UUID() x", "has more after its closing bracket"),
        ("States.Array($.a[)", "is no JSONPath"),
        ("'text'", "is no intrinsic function"),
        (r"""States.StringToJson('\"')""", "has no argument at"),
    ],
)
def test_what_is_no_intrinsic_function_has_a_fault(text: str, why: str) -> None:
    assert why in (intrinsic_calls.fault(text) or "")
