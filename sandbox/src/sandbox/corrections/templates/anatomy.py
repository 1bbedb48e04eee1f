"""The sections of a template, and the names and types in them.

Sources: AWS CloudFormation User Guide, "Template anatomy", "Parameters", "Resources"; sentences as clients report them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.corrections.templates.finding import Finding

_VERSION = "2010-09-09"
_SECTIONS = frozenset(
    [
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "Hooks",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Rules",
        "Transform",
    ]
)
_NAMED = {
    "Resources": "Resource",
    "Parameters": "Parameter",
    "Outputs": "Output",
    "Mappings": "Mapping",
    "Conditions": "Condition",
}
"""The sections with alphanumeric names, in the words of the sentence."""
_ALPHANUMERIC = re.compile(r"[A-Za-z0-9]+")
_PARAMETER_ATTRIBUTES = frozenset(
    [
        "AllowedPattern",
        "AllowedValues",
        "ConstraintDescription",
        "Default",
        "Description",
        "MaxLength",
        "MaxValue",
        "MinLength",
        "MinValue",
        "NoEcho",
        "Type",
    ]
)
_PLAIN_TYPE = r"String|Number|CommaDelimitedList|List<(Number|String)>"
_AWS_TYPE = r"AWS::EC2::[A-Za-z]+::[A-Za-z]+|AWS::Route53::HostedZone::Id"
_SSM_TYPE = rf"AWS::SSM::Parameter::(Name|Value<({_PLAIN_TYPE}|{_AWS_TYPE}|List<({_AWS_TYPE})>)>)"
_PARAMETER_TYPE = re.compile(rf"{_PLAIN_TYPE}|{_AWS_TYPE}|List<({_AWS_TYPE})>|{_SSM_TYPE}")


def anatomy_faults(template: Mapping[str, Any]) -> list[Finding]:
    """The errors of sections, names and parameters; the form of the template must be right."""
    return [*_section_faults(template), *_name_faults(template), *_parameter_faults(template)]


def _section_faults(template: Mapping[str, Any]) -> Iterator[Finding]:
    if not template.get("Resources"):
        yield Finding("Resources", "", "At least one Resources member must be defined.")
    if template.get("AWSTemplateFormatVersion", _VERSION) != _VERSION:
        yield Finding("AWSTemplateFormatVersion", "", f"unsupported value; the only version is {_VERSION}")
    if not isinstance(template.get("Description", ""), str):
        yield Finding("Description", "", "Every Description member must be a string.")
    for section in sorted(template.keys() - _SECTIONS):
        sentence = f"no section of a template has this name; Invalid template property or properties [{section}]"
        yield Finding(section, "", sentence)


def _name_faults(template: Mapping[str, Any]) -> Iterator[Finding]:
    for section, kind in _NAMED.items():
        for name in template.get(section, {}):
            if not _ALPHANUMERIC.fullmatch(name):
                yield Finding(f"{section}.{name}", "", f"{kind} name {name} is non alphanumeric.")


def _parameter_faults(template: Mapping[str, Any]) -> Iterator[Finding]:
    for name, parameter in template.get("Parameters", {}).items():
        for attribute in sorted(parameter.keys() - _PARAMETER_ATTRIBUTES):
            yield Finding(f"Parameters.{name}", "", f"Invalid template parameter property '{attribute}'")
        if "Type" not in parameter:
            yield Finding(f"Parameters.{name}", "", "Every Parameters object must contain a Type member.")
        elif not _PARAMETER_TYPE.fullmatch(str(parameter["Type"])):
            yield Finding(f"Parameters.{name}", "", f"Unrecognized parameter type: {parameter['Type']}")
        if not isinstance(parameter.get("Default", ""), str | bool | int | float):
            yield Finding(f"Parameters.{name}", "", "Every Default member must be a string.")
