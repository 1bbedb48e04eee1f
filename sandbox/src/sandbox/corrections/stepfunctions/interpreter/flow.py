"""The data of one state: its arguments, its output and its variables, in either query language.

AWS Step Functions Developer Guide, "Processing input and output in Step Functions", "Passing data between states with
variables": the fields of a state see the variables of before it; what it assigns counts from the next state on.
"""

from __future__ import annotations

import copy
import json
from typing import Any, Protocol

from ministack.services import stepfunctions

from sandbox.corrections.stepfunctions.interpreter import expressions, templates
from sandbox.corrections.stepfunctions.interpreter.failures import EvaluationFailed, failure

NAMES = {"ministack.services.stepfunctions": "_state_query_language _apply_state_assign"}
OVERRIDES: dict[str, str] = {}


class Flow(Protocol):
    """The data of one state."""

    def arguments(self) -> Any:
        """The input of the state's work."""

    def finish(self, result: Any) -> Any:
        """The output of a state that has a result: a task, a Pass, a Parallel or a Map."""

    def pass_on(self, holder: dict[str, Any]) -> Any:
        """The output of a state without a result.

        `holder` is the state, or the rule of a choice.
        """

    def catch(self, catcher: dict[str, Any], error: dict[str, str]) -> Any:
        """The output of a state after a caught error."""

    def field(self, name: str, kind: str) -> Any:
        """A field's value: literal, an expression, or by the path in `<name>Path`; None without one.

        `kind` is a JSON type, or integer.
        """

    def template(self, value: Any, name: str, context: dict[str, Any]) -> Any:
        """A template, filled for one item of a Map."""

    def within(self, holder: dict[str, Any]) -> Flow:
        """The same data for the fields of an object in the state.

        An ItemBatcher is one.
        """


def flow_of(state: dict[str, Any], given: Any, context: dict[str, Any]) -> Flow:
    """The data of a state, in the query language of the state or its machine."""
    language = JsonataFlow if stepfunctions._state_query_language(state, context) == "JSONata" else JsonPathFlow
    return language(state, given, context)


class JsonataFlow:
    """Arguments, Output and Assign."""

    def __init__(self, state: dict[str, Any], given: Any, context: dict[str, Any]) -> None:
        self._state = state
        self._given = given
        self._context = context

    def arguments(self) -> Any:
        if "Arguments" not in self._state:
            return copy.deepcopy(self._given)
        return self._filled(self._state["Arguments"], "Arguments")

    def finish(self, result: Any) -> Any:
        return self._output(self._state, result, result=result)

    def pass_on(self, holder: dict[str, Any]) -> Any:
        return self._output(holder, self._given)

    def catch(self, catcher: dict[str, Any], error: dict[str, str]) -> Any:
        return self._output(catcher, error, errorOutput=error)

    def field(self, name: str, kind: str) -> Any:
        if name not in self._state:
            return None
        integer = kind == "integer"
        value = expressions.typed(self._state[name], "number" if integer else kind, name, self._given, self._context)
        if integer and not float(value).is_integer():
            raise EvaluationFailed(f"The {name} field cannot be parsed as an integer: {json.dumps(value)}", name)
        return int(value) if integer else value

    def template(self, value: Any, name: str, context: dict[str, Any]) -> Any:
        return expressions.filled(value, name, self._given, context)

    def within(self, holder: dict[str, Any]) -> Flow:
        return JsonataFlow(holder, self._given, self._context)

    def _output(self, holder: dict[str, Any], default: Any, **known: Any) -> Any:
        output = self._filled(holder["Output"], "Output", **known) if "Output" in holder else default
        stepfunctions._apply_state_assign(holder, self._given, self._context, **known)
        return output

    def _filled(self, template: Any, name: str, **known: Any) -> Any:
        return expressions.filled(template, name, self._given, self._context, **known)


class JsonPathFlow:
    """InputPath, Parameters, ResultSelector, ResultPath, OutputPath and Assign."""

    def __init__(self, state: dict[str, Any], given: Any, context: dict[str, Any]) -> None:
        self._state = state
        self._given = given
        self._context = context

    def arguments(self) -> Any:
        effective = copy.deepcopy(self._input())
        if self._state["Type"] == "Map" or "Parameters" not in self._state:
            return effective
        return templates.filled(self._state["Parameters"], effective, self._context)

    def finish(self, result: Any) -> Any:
        self._assign(self._state, result)
        if "ResultSelector" in self._state:
            result = templates.filled(self._state["ResultSelector"], result, self._context)
        return self._selected(templates.placed(self._state.get("ResultPath", "$"), self._given, result))

    def pass_on(self, holder: dict[str, Any]) -> Any:
        effective = self._input()
        self._assign(holder, effective)
        return self._selected(effective)

    def catch(self, catcher: dict[str, Any], error: dict[str, str]) -> Any:
        self._assign(catcher, error)
        return templates.placed(catcher.get("ResultPath", "$"), self._given, error)

    def field(self, name: str, kind: str) -> Any:
        path = self._state.get(f"{name}Path")
        if path is None:
            return self._state.get(name)
        value = templates.at_path(path, self._input(), self._context)
        allowed = {"integer": int, "number": int | float}.get(kind, object)
        if isinstance(value, bool) or not isinstance(value, allowed):
            shown = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
            named = "integer" if kind == "integer" else "float"
            raise failure(f'The {name}Path field refers to value "{shown}" which is not a valid {named}: {path}')
        return value

    def template(self, value: Any, name: str, context: dict[str, Any]) -> Any:
        return templates.filled(value, self._input(), context)

    def within(self, holder: dict[str, Any]) -> Flow:
        selected = {"InputPath": self._state["InputPath"]} if "InputPath" in self._state else {}
        return JsonPathFlow({**holder, **selected}, self._given, self._context)

    def _input(self) -> Any:
        path = self._state.get("InputPath", "$")
        return {} if path is None else templates.at_path(path, self._given, self._context)

    def _selected(self, output: Any) -> Any:
        path = self._state.get("OutputPath", "$")
        return {} if path is None else templates.at_path(path, output, self._context)

    def _assign(self, holder: dict[str, Any], data: Any) -> None:
        if "Assign" in holder:
            assigned = templates.filled(holder["Assign"], data, self._context)
            stepfunctions._apply_state_assign({"Assign": assigned, "QueryLanguage": "JSONPath"}, data, self._context)
