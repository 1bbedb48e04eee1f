"""Functions that make text of booleans and numbers: `true`, not Python's `True`.

Sources: "Fn::Join", "Fn::Sub", "Fn::Equals" (AWS CloudFormation Template Reference).
"""

from __future__ import annotations

from typing import Any

from ministack.services.cloudformation import changesets, engine, handlers, stacks

from sandbox.corrections.templates.reading import texts

NAMES = {
    f"ministack.services.cloudformation.{module}": "_resolve_refs"
    for module in ("changesets", "engine", "handlers", "stacks")
}
OVERRIDES = {"CloudFormation: booleans and numbers in text": "ministack joins and compares Python's words for them"}

_MAKE_TEXT = ("Fn::Base64", "Fn::Equals", "Fn::Join", "Fn::Split", "Fn::Sub")
_KEYS = 3  # the arguments of Fn::FindInMap before its default value


def make_text_as_aws_does() -> None:
    """Resolve the arguments of these functions to text before ministack applies them."""
    former = engine._resolve_refs

    def resolve(value: Any, *surroundings: Any) -> Any:
        name = next(iter(value)) if isinstance(value, dict) and len(value) == 1 else ""
        if name in _MAKE_TEXT:
            value = {name: texts(former(value[name], *surroundings))}
        elif name == "Fn::FindInMap":
            keys = texts(former(value[name][:_KEYS], *surroundings))
            value = {name: [*keys, *value[name][_KEYS:]]}
        return former(value, *surroundings)

    for module in (engine, changesets, handlers, stacks):
        module._resolve_refs = resolve
