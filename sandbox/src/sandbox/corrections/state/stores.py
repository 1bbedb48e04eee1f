"""The state of ministack's services, saved at any moment and restored at start-up.

Every service has ``get_state`` and ``load_persisted_state``; ministack itself calls them only at an orderly end.
Objects are on disk by themselves (objects.py), so they are not part of this.
"""

from __future__ import annotations

import copy
import importlib
import pickle
import sys
from collections.abc import Callable, Iterator
from typing import Any

from ministack import app
from ministack.core import responses

NAMES = {
    "ministack.app": "_state_map _loaded_modules _get_module _dispatch_service_request",
    "ministack.core.responses": "AccountScopedDict AccountRegionScopedDict",
    "ministack.services.cloudformation": "_stacks _stack_events",
    "ministack.services.eventbridge": "_rule_last_fired",
    "ministack.services.s3": "S3_PERSIST DATA_DIR _buckets",
    "ministack.services.scheduler": "_schedule_last_fired",
    "ministack.services.stepfunctions": "_executions _fail_execution",
    "ministack.services.sts": "_sessions",
}
OVERRIDES = {
    "persistence": "saved at an orderly end only; the sandbox saves while it runs, and survives kill -9",
    "copies of a service's stores": "copy.deepcopy takes 20 times as long, and fails when a request comes between",
}

STORES = (responses.AccountScopedDict, responses.AccountRegionScopedDict)
"""The two kinds of dictionary that hold the state of every service."""

BESIDES = {
    "eventbridge": ("_rule_last_fired",),
    "scheduler": ("_schedule_last_fired",),
    "sts": ("_sessions",),
}
"""State that ministack does not save: the last firing of schedules, and temporary credentials."""

_READING = ("describe", "list", "get", "head", "lookup", "filter", "search", "batchget", "query", "scan", "validate")
_LAST = "cloudformation"
_COPIES = 5


def copy_stores_quickly() -> None:
    """Copy a service's store by pickle, in two C calls that no other thread interrupts."""

    def deepcopy(store: Any, memo: dict) -> Any:
        copied = type(store)()
        try:
            copied._data = pickle.loads(pickle.dumps(store._data, protocol=5))
        except (pickle.PicklingError, TypeError, AttributeError):
            copied._data = copy.deepcopy(store._data, memo)
        return copied

    for kind in STORES:
        kind.__deepcopy__ = deepcopy


def call_at_changes(changed: Callable[[], None]) -> None:
    """Call a function after each request that may have changed the state."""
    dispatch = app._dispatch_service_request

    async def dispatch_request(method: str, path: str, headers: dict, body: bytes, *rest: Any) -> tuple:
        answer = await dispatch(method, path, headers, body, *rest)
        if method not in ("GET", "HEAD") and not _only_reads(headers, body):
            changed()
        return answer

    app._dispatch_service_request = dispatch_request


def _only_reads(headers: dict, body: bytes) -> bool:
    """Recognise reads by the operation's name, in a header or first in a form."""
    operation = headers.get("x-amz-target", "").rpartition(".")[2]
    if not operation and body[:7] == b"Action=":
        operation = body[7:40].decode(errors="replace")
    return operation.lower().startswith(_READING)


def services() -> Iterator[tuple[str, Any]]:
    """Every used service: its name in a state and its module; CloudFormation last."""
    for name in sorted(app._state_map, key=lambda each: (each == _LAST, each)):
        module = app._loaded_modules.get(app._state_map[name])
        module = module or sys.modules.get(f"ministack.services.{app._state_map[name]}")
        if module is not None and hasattr(module, "get_state"):
            yield name, module


def collect(first: Callable[[], dict[str, Any]], last: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The state of each service, with the results of `first` and `last`.

    `first` returns the state of other services, `last` that of stack operations.
    A stack's records are copied after their resources; if a stack has changed meanwhile, all are copied again, so that
    no record lacks its resource.
    """
    for _ in range(_COPIES):
        before = _stack_progress()
        states = first() | {name: state for name, module in services() if (state := _state_of(name, module))}
        states |= settled(last)
        if _stack_progress() == before:
            break
    return states


def restore(states: dict[str, Any]) -> None:
    """Restore the state of each service, before the first request."""
    for name, state in states.items():
        if name not in app._state_map:
            continue
        module = app._get_module(app._state_map[name])
        module.load_persisted_state(state["state"])
        for attribute, value in state["besides"].items():
            getattr(module, attribute).update(value)


def _state_of(name: str, module: Any) -> dict[str, Any] | None:
    state = settled(module.get_state) or {}
    besides = {attribute: settled(getattr(module, attribute).copy) for attribute in BESIDES.get(name, ())}
    if not any(map(_holds_something, [*state.values(), *besides.values()])):
        return None
    return {"state": state, "besides": besides}


def _holds_something(value: Any) -> bool:
    return bool(value._data if isinstance(value, STORES) else value)


def settled(read: Callable[[], Any]) -> Any:
    """The result of `read`, repeated after a RuntimeError: a request changed a store during the read."""
    for _ in range(100):
        try:
            return read()
        except RuntimeError:
            continue
    return read()


def _stack_progress() -> int:
    events = importlib.import_module("ministack.services.cloudformation")._stack_events
    return sum(len(of_stack) for of_stack in list(events._data.values()))
