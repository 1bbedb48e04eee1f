"""AWS::EC2::SecurityGroupIngress and AWS::EC2::SecurityGroupEgress: one rule of a group, by EC2's API.

Source: AWS CloudFormation, "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress", and their schemas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from sandbox.frame.host import Host

Properties = dict[str, Any]
Attributes = dict[str, Any]


@dataclass(frozen=True)
class Direction:
    """The words of one direction: in EC2's operations, and before the properties of a peer."""

    name: str
    peer: str

    @property
    def peers(self) -> Mapping[str, tuple[str, str]]:
        """A property that names a peer -> the list in EC2's IpPermissions, and its member."""
        return {
            "CidrIp": ("IpRanges", "CidrIp"),
            "CidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
            f"{self.peer}PrefixListId": ("PrefixListIds", "PrefixListId"),
            f"{self.peer}SecurityGroupId": ("UserIdGroupPairs", "GroupId"),
        }


INGRESS = Direction("Ingress", "Source")
EGRESS = Direction("Egress", "Destination")
_GONE = frozenset({"InvalidGroup.NotFound", "InvalidSecurityGroupRuleId.NotFound", "InvalidPermission.NotFound"})


class SecurityGroupRuleType:
    """`Ref` and `Id` are the rule's id. All but the description replaces the rule."""

    def __init__(self, host: Host, direction: Direction) -> None:
        self._host, self._direction = host, direction
        self.properties = frozenset({"Description", "FromPort", "GroupId", "IpProtocol", "ToPort", *direction.peers})
        self.reduced: Mapping[str, str] = {
            "IpProtocol": "is described, and asked of the groups of a job with several hosts; no traffic is filtered"
        }

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> tuple[str, Attributes]:
        made = self._call("authorize_security_group", properties["GroupId"], IpPermissions=[self._rule(properties)])
        rule_id = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        return rule_id, self._attributes(rule_id)

    def update(self, physical_id: str, old: Properties, new: Properties, stack_name: str) -> tuple[str, Attributes]:
        described = {"SecurityGroupRuleId": physical_id, "Description": new.get("Description", "")}
        self._call("update_security_group_rule_descriptions", new["GroupId"], SecurityGroupRuleDescriptions=[described])
        return physical_id, self._attributes(physical_id)

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Revoke the rule, unless it or its group is gone already."""
        try:
            self._call("revoke_security_group", properties["GroupId"], SecurityGroupRuleIds=[physical_id])
        except ClientError as error:
            if error.response["Error"]["Code"] not in _GONE:
                raise

    def _rule(self, properties: Properties) -> Properties:
        """The rule as EC2 wants it. Raises ValueError unless the template names exactly one peer."""
        given = [name for name in self._direction.peers if properties.get(name)]
        if len(given) != 1:
            raise ValueError(
                f"the rule names {', '.join(given) or 'no peer'}; exactly one of "
                f"{', '.join(self._direction.peers)} has to be given"
            )
        collection, member = self._direction.peers[given[0]]
        described = {"Description": properties["Description"]} if properties.get("Description") else {}
        ports: Properties = {name: int(properties[name]) for name in ("FromPort", "ToPort") if name in properties}
        return {
            "IpProtocol": str(properties["IpProtocol"]),
            **ports,
            collection: [{member: properties[given[0]], **described}],
        }

    def _attributes(self, rule_id: str) -> Attributes:
        """The attributes, after a read of the rule (registry schema, "handlers", read)."""
        self._client().describe_security_group_rules(SecurityGroupRuleIds=[rule_id])
        return {"Id": rule_id}

    def _call(self, operation: str, group_id: str, **members: Any) -> dict[str, Any]:
        call = getattr(self._client(), f"{operation}_{self._direction.name.lower()}")
        return call(GroupId=group_id, **members)

    def _client(self) -> Any:
        """With the credentials of the stack's role, if it has one."""
        return self._host.client("ec2", self._host.acting())
