"""Rows of a VPC's way to the internet."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.corrections.templates.honoured.row import Honoured, honoured

ROWS: Mapping[str, Honoured] = {
    "AWS::EC2::InternetGateway": honoured("Tags", "InternetGatewayId"),
    "AWS::EC2::Route": honoured(
        "DestinationCidrBlock DestinationIpv6CidrBlock GatewayId RouteTableId",
        fixed="GatewayId",
        GatewayId="is described; no traffic is routed",
    ),
    "AWS::EC2::VPCGatewayAttachment": honoured("InternetGatewayId VpcId", fixed="InternetGatewayId"),
}
