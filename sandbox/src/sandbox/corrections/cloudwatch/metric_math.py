"""Metric math in alarms: an expression over metrics, in the part of CloudWatch's grammar that is offered here.

Sources: Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics", and API Reference,
"MetricDataQuery".
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OFFERED = "numbers, Ids, + - * /, one comparison (< <= > >= == !=), parentheses and IF(condition, then, else)"
_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_ID = re.compile("[a-z][A-Za-z0-9_]*")
Value = float | None
"""A datapoint; None where it is missing."""


class NotOffered(Exception):
    """When an alarm's metrics are wrong, or need more of the grammar than there is."""


@dataclass(frozen=True)
class MetricQueries:
    """The checked `Metrics` of an alarm: one expression over metrics of one period."""

    expression: ast.expr
    metrics: Mapping[str, Mapping[str, Any]]
    """MetricStat by Id."""
    period: int

    @classmethod
    def read(cls, queries: Sequence[Mapping[str, Any]]) -> MetricQueries:
        """Check an alarm's Metrics. Raises ``NotOffered``."""
        metrics = {query["Id"]: query["MetricStat"] for query in queries if query.get("MetricStat")}
        expressions = [query for query in queries if query.get("Expression")]
        returned = [query for query in queries if _true(query.get("ReturnData", True))]
        if len(expressions) != 1 or len(metrics) != len(queries) - 1 or returned != expressions:
            raise NotOffered(
                "the sandbox evaluates Metrics of one Expression, which alone has ReturnData, and of MetricStats"
            )
        periods = {int(metric["Period"]) for metric in metrics.values()}
        if len(periods) != 1:
            raise NotOffered(f"the metrics of an alarm's expression have one period, and these have {sorted(periods)}")
        for name in (query["Id"] for query in queries):
            if not _ID.fullmatch(name):
                raise NotOffered(f"the Id {name} has to begin with a lower-case letter; letters, digits and _ follow")
        return cls(_parsed(expressions[0]["Expression"], metrics.keys()), metrics, periods.pop())

    def value(self, values: Mapping[str, Value]) -> Value:
        """The expression's value at one time. It is missing without a needed value, or after a division by zero."""
        return _value(self.expression, values)


def _true(value: Any) -> bool:
    return str(value).lower() == "true"


def _parsed(expression: str, names: Any) -> ast.expr:
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except SyntaxError:
        raise NotOffered(f"the sandbox cannot read the expression {expression!r}; it knows {OFFERED}") from None
    _check(tree, expression, names)
    return tree


def _check(node: ast.expr, whole: str, names: Any) -> None:
    match node:
        case ast.Constant(value=bool() | str() | None):
            _refuse(ast.unparse(node), whole)
        case ast.Constant():
            return
        case ast.Name(id=name):
            if name not in names:
                raise NotOffered(f"{name} is the Id of no metric of the expression {whole!r}")
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            _check(left, whole, names)
            _check(right, whole, names)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            _check(operand, whole, names)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
            _check(left, whole, names)
            _check(right, whole, names)
        case ast.Call(func=ast.Name(id="IF"), args=[condition, then, otherwise], keywords=[]):
            for part in (condition, then, otherwise):
                _check(part, whole, names)
        case ast.Call(func=ast.Name(id=name)):
            _refuse(f"{name} with {len(node.args)} arguments" if name == "IF" else name, whole)
        case _:
            _refuse(ast.unparse(node), whole)


def _refuse(part: str, whole: str) -> None:
    raise NotOffered(f"the sandbox does not implement {part} in the expression {whole!r}; it knows {OFFERED}")


def _value(node: ast.expr, values: Mapping[str, Value]) -> Value:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(operand=operand):
            found = _value(operand, values)
            return None if found is None else -found
        case ast.BinOp(left=left, op=op, right=right):
            return _both(_ARITHMETIC[type(op)], _value(left, values), _value(right, values))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _both(_COMPARISONS[type(op)], _value(left, values), _value(right, values))
        case ast.Call(args=[condition, then, otherwise]):
            found = _value(condition, values)
            return None if found is None else _value(then if found else otherwise, values)
    raise AssertionError(ast.dump(node))


def _both(operate: Callable[[float, float], float], left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    try:
        return float(operate(left, right))
    except ZeroDivisionError:
        return None
