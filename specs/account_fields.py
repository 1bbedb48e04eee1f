"""The types of values that an account's owner prescribes: tags, roles, and an existing VPC."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, StrictStr

from specs import words
from specs.fields import matching
from specs.refusal import refused

MOST_TAGS = 40
"""A resource has at most 50 ("Tag naming limits and requirements"); the rest is for ours."""
_TAG_WORDS = "letters, digits, spaces and _ . : / = + - @"
_TAG = r"[A-Za-z0-9 _.:/=+@-]+"
_RESERVED = ("aws:", "slipway:")


def _tag_key(value: str) -> str:
    for prefix in _RESERVED:
        if value.lower().startswith(prefix):
            allowed = f"a key that does not begin with {words.either(_RESERVED)}"
            raise refused(f"keys that begin with {prefix} are reserved", allowed=allowed, write='"owner"')
    return value


def _tags(value: dict[str, str]) -> dict[str, str]:
    """Refuse keys that differ in case only: IAM takes them for one ("Rules for tagging in IAM and AWS STS")."""
    if len(value) > MOST_TAGS:
        raise refused(f"{len(value)} tags are too many", allowed=f"at most {MOST_TAGS}", write="the most needed ones")
    first: dict[str, str] = {}
    for key in value:
        if (other := first.setdefault(key.lower(), key)) != key:
            message = f"{words.quoted(other)} and {words.quoted(key)} are one key to IAM"
            raise refused(message, allowed="keys that differ in more than their case", write="one of the two")
    return value


TagKey = Annotated[StrictStr, matching(_TAG, 128, _TAG_WORDS, '"cost-centre"'), AfterValidator(_tag_key)]
TagValue = Annotated[StrictStr, matching(_TAG, 256, _TAG_WORDS, '"1234"')]
Tags = Annotated[dict[TagKey, TagValue], AfterValidator(_tags)]

Boundary = Annotated[  # "Policy", PolicyName and Arn in the IAM API Reference
    StrictStr,
    matching(
        r"(arn:aws[a-z-]*:iam::(\d{12}|aws):policy/)?[A-Za-z0-9+=,.@_/-]+",
        2048,
        "the name or the ARN of a managed policy",
        '"developer-boundary"',
    ),
]
RolePath = Annotated[  # "CreateRole", Path
    StrictStr,
    matching(r"/([A-Za-z0-9+=,.@_-]+/)*", 512, "a path that begins and ends with a slash", '"/slipway/"'),
]


def _id(kind: str, of: str) -> AfterValidator:
    example = f'"{kind}-0123456789abcdef0"'
    return matching(rf"{kind}-([0-9a-f]{{8}}|[0-9a-f]{{17}})", 32, f"the id of {of}", example)


VpcId = Annotated[StrictStr, _id("vpc", "a VPC")]
SubnetId = Annotated[StrictStr, _id("subnet", "a subnet")]
SecurityGroupId = Annotated[StrictStr, _id("sg", "a security group")]
PrefixListId = Annotated[StrictStr, _id("pl", "a prefix list")]
