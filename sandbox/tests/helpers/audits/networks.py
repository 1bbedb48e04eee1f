"""The way of a VPC to the internet."""

from __future__ import annotations

from audits.row import OTHER_TAGS, TAGS, Read, Row, ref


def _route(destination: str, block: str) -> Row:
    table = {"RouteTableIds": [ref("Table")]}
    found = f"RouteTables[0].Routes[?{destination} == '{block}'] | [0]"
    properties = {"RouteTableId": ref("Table"), destination: block, "GatewayId": ref("Gateway")}
    return Row("AWS::EC2::Route", properties, reads=(Read("ec2", "describe_route_tables", table, found),))


ROWS = {
    "Vpc": Row("AWS::EC2::VPC", {"CidrBlock": "10.2.0.0/16"}),
    "Table": Row("AWS::EC2::RouteTable", {"VpcId": ref("Vpc")}),
    "Gateway": Row(
        "AWS::EC2::InternetGateway",
        {"Tags": TAGS},
        {"Tags": OTHER_TAGS},
        (Read("ec2", "describe_internet_gateways", {"InternetGatewayIds": [ref("Gateway")]}, "InternetGateways[0]"),),
    ),
    "Attachment": Row(
        "AWS::EC2::VPCGatewayAttachment",
        {"VpcId": ref("Vpc"), "InternetGatewayId": ref("Gateway")},
        reads=(
            Read(
                "ec2",
                "describe_internet_gateways",
                {"InternetGatewayIds": [ref("Gateway")]},
                "InternetGateways[0].{VpcId: Attachments[0].VpcId, InternetGatewayId: InternetGatewayId}",
            ),
        ),
    ),
    "Route": _route("DestinationCidrBlock", "0.0.0.0/0"),
    "RouteSix": _route("DestinationIpv6CidrBlock", "::/0"),
}
