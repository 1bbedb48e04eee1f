"""CloudFormation's references as text: `${Resource}`, `${Resource.Arn}`, `${foundation.Key.Arn}` for an import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def exports_of(templates: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """The reference behind each export, by the export's name."""
    found = {}
    for stack, template in templates.items():
        for output in template.get("Outputs", {}).values():
            if "Export" in output:
                reference = as_text(output["Value"], {})
                found[output["Export"]["Name"]] = f"${{{stack}.{reference[2:-1]}}}"
    return found


def as_text(value: Any, exports: Mapping[str, str]) -> Any:
    """A value with its references as text. Other functions, such as Fn::If, stay."""
    if isinstance(value, list):
        return [as_text(item, exports) for item in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"Ref": name} if len(value) == 1:
            found: Any = f"${{{name}}}"
        case {"Fn::GetAtt": [name, attribute]}:
            found = f"${{{name}.{attribute}}}"
        case {"Fn::ImportValue": str(name)}:
            found = exports.get(name, f"${{{name}}}")
        case {"Fn::Join": [separator, list(parts)]}:
            found = separator.join(str(as_text(part, exports)) for part in parts)
        case _:
            found = {key: as_text(item, exports) for key, item in value.items()}
    return found
