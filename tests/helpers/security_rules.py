"""Security groups in a template: their rules, and the peers of these."""

from __future__ import annotations

from typing import Any

Template = dict[str, Any]


def groups(network: Template) -> dict[str, str]:
    """Logical ids by the last word of the description: jobs, endpoints, services."""
    return {
        resource["Properties"]["GroupDescription"].split()[0]: name
        for name, resource in network["Resources"].items()
        if resource["Type"] == "AWS::EC2::SecurityGroup"
    }


def rules(network: Template, group: str, direction: str) -> list[Template]:
    """All rules of a group: those of its own properties, and those that are resources."""
    own = network["Resources"][group]["Properties"].get(f"SecurityGroup{direction}", [])
    separate = [
        resource["Properties"]
        for resource in network["Resources"].values()
        if resource["Type"] == f"AWS::EC2::SecurityGroup{direction}"
        and resource["Properties"]["GroupId"] == {"Fn::GetAtt": [group, "GroupId"]}
    ]
    return own + separate


def peer(rule: Template) -> Any:
    return next(
        value["Fn::GetAtt"][0] if isinstance(value, dict) else value
        for key, value in rule.items()
        if key.startswith(("Cidr", "SourceS", "DestinationS", "SourceP", "DestinationP"))
    )


def seen(found: list[Template]) -> set[tuple[Any, ...]]:
    return {(peer(rule), rule["IpProtocol"], rule.get("FromPort"), rule.get("ToPort")) for rule in found}
