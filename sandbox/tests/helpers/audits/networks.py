"""The way of a VPC to the internet."""

from __future__ import annotations

from audits.row import OTHER_TAGS, TAGS, Read, Row, ref

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
    "Route": Row(
        "AWS::EC2::Route",
        {"RouteTableId": ref("Table"), "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": ref("Gateway")},
        reads=(
            Read(
                "ec2",
                "describe_route_tables",
                {"RouteTableIds": [ref("Table")]},
                "RouteTables[0].Routes[?DestinationCidrBlock == '0.0.0.0/0'] | [0]",
            ),
        ),
    ),
    "RouteSix": Row(
        "AWS::EC2::Route",
        {"RouteTableId": ref("Table"), "DestinationIpv6CidrBlock": "::/0", "GatewayId": ref("Gateway")},
        reads=(
            Read(
                "ec2",
                "describe_route_tables",
                {"RouteTableIds": [ref("Table")]},
                "RouteTables[0].Routes[?DestinationIpv6CidrBlock == '::/0'] | [0]",
            ),
        ),
    ),
}
