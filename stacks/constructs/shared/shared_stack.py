"""Stacks that others build on: they export everything they offer."""

from __future__ import annotations

from collections.abc import Iterable

from aws_cdk import Stack


class SharedStack(Stack):
    """A stack that always exports its public attributes, with strong references.

    Were only the used ones exported, removing the last consumer would remove the export in the same deployment that
    still needs it, and adding a model would change the stack that all models share.
    """

    def export(self, attributes: Iterable[str]) -> None:
        for attribute in attributes:
            self.export_value(attribute)
