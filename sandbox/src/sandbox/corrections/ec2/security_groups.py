"""The rules of security groups: no duplicates, no peers that do not exist, no group that others still name.

Source: Amazon EC2 API Reference, "AuthorizeSecurityGroupIngress", "DeleteSecurityGroup" and "Error codes".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ministack.services import ec2

from sandbox.corrections.cloudformation.resources.resource_checks import check_declaration, check_deletion
from sandbox.corrections.ec2.refusals import Ec2Error, check_operation

NAMES = {
    "ministack.services.ec2": "_ACTION_MAP _error _get_aws_managed_prefix_lists _p _parse_ip_permissions "
    "_prefix_lists _security_groups _sg_rule_id _strip_descriptions _vpc_endpoints _xml"
}
OVERRIDES = {
    "EC2: AuthorizeSecurityGroupIngress, AuthorizeSecurityGroupEgress": "ministack takes a rule twice, takes groups "
    "and prefix lists that do not exist, and forgets prefix lists",
    "EC2: UpdateSecurityGroupRuleDescriptionsIngress, UpdateSecurityGroupRuleDescriptionsEgress": "ministack has not "
    "got them; rules are named by their ids",
    "EC2: DeleteSecurityGroup, AWS::EC2::SecurityGroup": "ministack deletes a group that other groups or VPC endpoints "
    "name, and takes rules with groups that do not exist",
}

Rule = dict[str, Any]
Peer = tuple[str, str]
"""The kind of a peer (CidrIp, CidrIpv6, PrefixListId, GroupId), and its value."""

_DIRECTIONS = {"Ingress": "IpPermissions", "Egress": "IpPermissionsEgress"}
_PEERS = {
    "IpRanges": "CidrIp",
    "Ipv6Ranges": "CidrIpv6",
    "PrefixListIds": "PrefixListId",
    "UserIdGroupPairs": "GroupId",
}
_WITH_PORTS = ("tcp", "udp", "6", "17")


def refuse_wrong_rules() -> None:
    ec2._parse_ip_permissions = _with_prefix_lists(ec2._parse_ip_permissions)
    ec2._strip_descriptions = _strip_descriptions
    for direction, key in _DIRECTIONS.items():
        check_operation(f"AuthorizeSecurityGroup{direction}", _new_rules(key))
        ec2._ACTION_MAP[f"UpdateSecurityGroupRuleDescriptions{direction}"] = _describe_rules(direction)
    check_operation("DeleteSecurityGroup", lambda p: _require_unused(ec2._p(p, "GroupId")))
    check_declaration("AWS::EC2::SecurityGroup", _require_peers_of_template)
    check_deletion("AWS::EC2::SecurityGroup", _require_unused)


def _new_rules(key: str) -> Callable[[dict[str, Any]], None]:
    """A check of the rules that a request adds to a group's `key`."""

    def check(parameters: dict[str, Any]) -> None:
        group_id = ec2._p(parameters, "GroupId")
        rules = ec2._parse_ip_permissions(parameters, "IpPermissions")
        _require_groups([group_id])
        _require_rules(rules)
        there = {found for rule in ec2._security_groups[group_id][key] for found in _parts(rule)}
        for rule in rules:
            for part in _parts(rule):
                if part in there:
                    raise Ec2Error("InvalidPermission.Duplicate", _already(*part))

    return check


def _require_rules(rules: list[Rule]) -> None:
    for rule in rules:
        if rule["IpProtocol"] in _WITH_PORTS and not {"FromPort", "ToPort"} <= rule.keys():
            raise Ec2Error(
                "InvalidParameterValue",
                "Invalid value 'null' for portRange. Must specify both from and to ports with TCP/UDP.",
            )
        peers = [peer for _, _, _, peer in _parts(rule)]
        _require_groups([value for kind, value in peers if kind == "GroupId"])
        _require_prefix_lists([value for kind, value in peers if kind == "PrefixListId"])


def _require_groups(group_ids: list[str]) -> None:
    for group_id in group_ids:
        if group_id not in ec2._security_groups:
            raise Ec2Error("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")


def _require_prefix_lists(list_ids: list[str]) -> None:
    known = {*ec2._prefix_lists, *(found["PrefixListId"] for found in ec2._get_aws_managed_prefix_lists())}
    for list_id in list_ids:
        if list_id not in known:
            raise Ec2Error("InvalidPrefixListID.NotFound", f"The prefix list ID '{list_id}' does not exist")


def _require_peers_of_template(properties: dict[str, Any]) -> None:
    """The groups that a template's own rules name have to exist."""
    rules = [*(properties.get("SecurityGroupIngress") or []), *(properties.get("SecurityGroupEgress") or [])]
    named = (rule.get("SourceSecurityGroupId") or rule.get("DestinationSecurityGroupId") for rule in rules)
    _require_groups([group_id for group_id in named if group_id])


def _require_unused(group_id: str) -> None:
    """Raise Ec2Error if another group's rules, or a VPC endpoint, name the group."""
    others = (group for other, group in ec2._security_groups.items() if other != group_id)
    rules = (rule for group in others for key in _DIRECTIONS.values() for rule in group[key])
    named = any(peer == ("GroupId", group_id) for rule in rules for *_, peer in _parts(rule))
    if named or any(group_id in found.get("SecurityGroupIds", []) for found in ec2._vpc_endpoints.values()):
        raise Ec2Error("DependencyViolation", f"resource {group_id} has a dependent object")


def _parts(rule: Rule) -> Iterator[tuple[str, Any, Any, Peer]]:
    """The rules that AWS counts: one a peer."""
    for collection, kind in _PEERS.items():
        for peer in rule.get(collection, []):
            if kind in peer:
                yield rule["IpProtocol"], rule.get("FromPort"), rule.get("ToPort"), (kind, peer[kind])


def _already(protocol: str, from_port: Any, to_port: Any, peer: Peer) -> str:
    ports = "" if from_port is None else f", from port: {from_port}, to port: {to_port}"
    named = {"-1": "ALL"}.get(protocol, protocol.upper())
    return f'the specified rule "peer: {peer[1]}, {named}{ports}, ALLOW" already exists'


def _strip_descriptions(rule: Rule) -> Rule:
    """A rule without descriptions and ids: what makes two rules the same."""
    bare = {key: value for key, value in rule.items() if key not in ("SecurityGroupRuleId", "Description")}
    peers = {
        collection: [{key: value for key, value in peer.items() if key == kind} for peer in rule.get(collection, [])]
        for collection, kind in _PEERS.items()
    }
    return bare | peers


def _with_prefix_lists(former: Callable[..., list[Rule]]) -> Callable[..., list[Rule]]:
    def parse(parameters: dict[str, Any], prefix: str) -> list[Rule]:
        rules = former(parameters, prefix)
        for number, rule in enumerate(rules, start=1):
            rule["PrefixListIds"] += _members(parameters, f"{prefix}.{number}.PrefixListIds", "PrefixListId")
        return rules

    return parse


def _members(parameters: dict[str, Any], prefix: str, *keys: str) -> list[dict[str, str]]:
    """The members of a numbered list: the given keys, and the description."""
    found, number = [], 1
    while ec2._p(parameters, f"{prefix}.{number}.{keys[0]}"):
        given = {key: ec2._p(parameters, f"{prefix}.{number}.{key}") for key in (*keys, "Description")}
        found.append({key: value for key, value in given.items() if value})
        number += 1
    return found


def _describe_rules(direction: str) -> Callable[[dict[str, Any]], tuple]:
    """The operation that writes new descriptions of a group's rules, by their ids."""
    key, egress = _DIRECTIONS[direction], direction == "Egress"

    def describe(parameters: dict[str, Any]) -> tuple:
        group_id = ec2._p(parameters, "GroupId")
        group = ec2._security_groups.get(group_id)
        if group is None:
            return ec2._error("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist", 400)
        rules = {ec2._sg_rule_id(group_id, egress, rule): rule for rule in group[key]}
        for given in _members(parameters, "SecurityGroupRuleDescription", "SecurityGroupRuleId"):
            rule_id = given["SecurityGroupRuleId"]
            if rule_id not in rules:
                message = f"The security group rule ID '{rule_id}' does not exist"
                return ec2._error("InvalidSecurityGroupRuleId.NotFound", message, 400)
            _write_description(rules[rule_id], given.get("Description"))
        operation = f"UpdateSecurityGroupRuleDescriptions{direction}Response"
        return ec2._xml(200, operation, "<return>true</return>")

    return describe


def _write_description(rule: Rule, description: str | None) -> None:
    for collection in _PEERS:
        for peer in rule.get(collection, []):
            peer.pop("Description", None)
            if description:
                peer["Description"] = description
