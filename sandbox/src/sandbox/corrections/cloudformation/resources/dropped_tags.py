"""Tags that ministack's handlers keep in a wrong form, or never change.

Sources: Amazon Cognito, "DescribeIdentityPool"; Amazon Data Firehose, "ListTagsForDeliveryStream".
"""

from __future__ import annotations

from typing import Any

from ministack.services import cognito, firehose
from ministack.services.cloudformation import provisioners

NAMES = {
    "ministack.services.cognito": "_identity_pools",
    "ministack.services.firehose": "_streams",
    "ministack.services.cloudformation.provisioners": "_reconcile_tag_map _tag_map",
}
OVERRIDES = {
    "AWS::Cognito::IdentityPool IdentityPoolTags": "ministack answers a list where the API has a map",
    "AWS::KinesisFirehose::DeliveryStream Tags": "ministack never changes them",
}

Properties = dict[str, Any]


def apply_identity_pool(pool: str, old: Properties, new: Properties) -> None:
    cognito._identity_pools[pool]["IdentityPoolTags"] = provisioners._tag_map(new.get("IdentityPoolTags"))


def apply_delivery_stream(name: str, old: Properties, new: Properties) -> None:
    provisioners._reconcile_tag_map(firehose._streams[name]["tags"], old, new)
