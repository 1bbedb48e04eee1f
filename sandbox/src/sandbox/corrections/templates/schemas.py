"""The CloudFormation registry's resource schemas, from the cfn-lint package.

They are read from its data files, because importing cfn-lint takes a second and forty megabytes.
"""

from __future__ import annotations

import functools
import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

REGION = "us-east-1"
_COMBINED = ("allOf", "anyOf", "oneOf")

Node = dict[str, Any]


class Schema:
    """One resource type's schema.

    Paths are dotted property names without list positions ("VpcConfig.Subnets").
    """

    def __init__(self, document: Node) -> None:
        self.root = document
        self.create_only = _paths(document.get("createOnlyProperties"))
        self.conditionally_create_only = _paths(document.get("conditionalCreateOnlyProperties"))
        self.read_only = _paths(document.get("readOnlyProperties"))
        self.primary_identifier = tuple(pointer.split("/")[-1] for pointer in document.get("primaryIdentifier", []))

        tagging = document.get("tagging", {})
        is_taggable = tagging.get("taggable", document.get("taggable", False))
        self.tag_property = tagging.get("tagProperty", "/properties/Tags").split("/")[-1] if is_taggable else ""
        """The property that holds the tags; empty for a type without tags."""
        self.has_system_tags: bool = is_taggable and tagging.get("cloudFormationSystemTags", True)

    @property
    def is_readable(self) -> bool:
        """True if CloudFormation can read a resource of this type, and so import it."""
        return "read" in self.root.get("handlers", {})

    @property
    def properties(self) -> frozenset[str]:
        """The top-level names that a template may set."""
        return frozenset(self.root["properties"]) - self.read_only

    @property
    def attributes(self) -> frozenset[str]:
        """The attributes of `Fn::GetAtt`: read-only properties, and for some types also settable ones."""
        return self.read_only | frozenset(self.root["properties"])

    def resolved(self, node: Node) -> Node:
        """The target node of a reference within the schema."""
        while "$ref" in node:
            target: Any = self.root
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
        return node

    def members(self, node: Node) -> dict[str, Node] | None:
        """The members of an object by name; None for any (a policy document, a map)."""
        node = self.resolved(node)
        found = dict(node.get("properties", {}))
        for option in self._options(node):
            found |= option.get("properties", {})
        is_open = node.get("additionalProperties") is not False or "patternProperties" in node
        return None if is_open or not found else found

    def member(self, node: Node, name: str) -> Node:
        """The node of a member; empty if unknown."""
        node = self.resolved(node)
        for candidate in (node, *self._options(node)):
            if name in candidate.get("properties", {}):
                return candidate["properties"][name]
        return {}

    def item(self, node: Node) -> Node:
        """The node of a list's items."""
        node = self.resolved(node)
        for candidate in (node, *self._options(node)):
            if isinstance(candidate.get("items"), dict):
                return candidate["items"]
        return {}

    def types(self, node: Node) -> frozenset[str]:
        """The JSON types that the node allows; empty if the schema has no type."""
        node = self.resolved(node)
        named = node.get("type", [])
        return frozenset([named] if isinstance(named, str) else named)

    def required(self, node: Node) -> list[str]:
        """The required members."""
        return list(self.resolved(node).get("required", []))

    def _options(self, node: Node) -> Iterator[Node]:
        for keyword in _COMBINED:
            for option in node.get(keyword, []):
                yield self.resolved(option)


def _paths(pointers: list[str] | None) -> frozenset[str]:
    """JSON pointers into the properties as dotted paths: "/properties/A/*/B" is "A.B"."""
    steps = ((step for step in pointer.split("/")[2:] if step != "*") for pointer in pointers or [])
    return frozenset(".".join(path) for path in steps)


@functools.cache
def schema(type_name: str) -> Schema | None:
    """The schema of a type; None for an unknown type."""
    name = "AWS::CloudFormation::CustomResource" if type_name.startswith("Custom::") else type_name
    digest = _digests().get(name)
    if digest is None:
        return None
    return Schema(json.loads((_folder() / "resources" / f"{digest}.json").read_text()))


@functools.cache
def _digests() -> dict[str, str]:
    return json.loads((_folder() / "providers" / f"{REGION}.json").read_text())


@functools.cache
def _folder() -> Path:
    """The package's folder of schemas. Raises FileNotFoundError if a new version moved it."""
    found = importlib.util.find_spec("cfnlint")
    if found is None or found.origin is None:
        raise FileNotFoundError("the package cfn-lint is not installed, and with it CloudFormation's schemas")
    return Path(found.origin).parent / "data" / "schemas"
