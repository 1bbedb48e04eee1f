"""Concurrent work in dependency order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

Graph = dict[str, set[str]]
"""The nodes that must be done before each node."""

Visits = dict[str, asyncio.Task[bool]]


async def walk(graph: Graph, visit: Callable[[str], Awaitable[bool]], halted: asyncio.Event | None = None) -> Visits:
    """Visit each node after its dependencies succeeded; dependents of a failed node are never visited.

    Once `halted`, no visit starts. Returns the running visits, which only a halt leaves behind.
    """
    halt = halted or asyncio.Event()
    stop = asyncio.ensure_future(halt.wait())
    waiting = {node: set(needs) & graph.keys() for node, needs in graph.items()}
    under_way: dict[asyncio.Future, str] = {}
    try:
        while not halt.is_set():
            for node in [node for node, needs in waiting.items() if not needs]:
                del waiting[node]
                under_way[asyncio.ensure_future(visit(node))] = node
            if not under_way:
                break
            done, _ = await asyncio.wait([*under_way, stop], return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stop}:
                node = under_way.pop(task)
                if task.result():
                    for needs in waiting.values():
                        needs.discard(node)
    finally:
        stop.cancel()
    return {node: task for task, node in under_way.items()}  # type: ignore[misc]


def turned_around(graph: Graph) -> Graph:
    """The order of deletion: dependents of a node go before it."""
    return {node: {other for other, needs in graph.items() if node in needs} for node in graph}
