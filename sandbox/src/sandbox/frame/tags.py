"""Tags of a service's resources, by ARN."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Tag = Mapping[str, str]
"""{"Key": ..., "Value": ...}, as most APIs write a tag."""

MOST = 50
"""The tags of one resource; those of AWS itself do not count ("Tag naming and usage conventions")."""
SYSTEM = "aws:"


class Tags:
    """Keys and values by ARN. An ARN is known from its first `set`, even one without tags, until `drop`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tags: dict[str, dict[str, str]] = {}

    def __contains__(self, arn: str) -> bool:
        return arn in self._tags

    def set(self, arn: str, tags: Iterable[Tag]) -> None:
        """Add tags; a key that exists gets the new value."""
        with self._lock:
            known = self._tags.get(arn, {})
            self._tags[arn] = known | {tag["Key"]: tag["Value"] for tag in tags}

    def too_many(self, arn: str, tags: Iterable[Tag]) -> str:
        """A sentence if these would be more tags than AWS allows; else empty."""
        keys = self.of(arn).keys() | {tag["Key"] for tag in tags}
        count = sum(not key.startswith(SYSTEM) for key in keys)
        return f"{arn} would have {count} tags; a resource may have {MOST}" if count > MOST else ""

    def of(self, arn: str) -> dict[str, str]:
        """The tags of a resource by their keys."""
        return dict(self._tags.get(arn, {}))

    def listed(self, arn: str) -> list[dict[str, str]]:
        """The tags of a resource, as most APIs list them."""
        return pairs(self.of(arn))

    def remove(self, arn: str, keys: Iterable[str]) -> None:
        """Remove tags by their keys; a key that is not there is passed over."""
        with self._lock:
            gone = set(keys)
            if arn in self._tags:
                self._tags[arn] = {key: value for key, value in self._tags[arn].items() if key not in gone}

    def drop(self, arn: str) -> None:
        """Forget a deleted resource."""
        with self._lock:
            self._tags.pop(arn, None)

    def everything(self) -> Iterator[tuple[str, list[dict[str, str]]]]:
        """Every tagged resource: (ARN, tags)."""
        with self._lock:
            tagged = dict(self._tags)
        yield from ((arn, pairs(tags)) for arn, tags in tagged.items() if tags)

    def state(self) -> dict[str, dict[str, str]]:
        """All tags by ARN, for the state that survives the sandbox's end."""
        with self._lock:
            return dict(self._tags)

    def restore(self, state: dict[str, dict[str, str]]) -> None:
        """Take the tags of an earlier run, before the first request."""
        self._tags.update(state)


def pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags by their keys, as a list."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def system_keys(request: Mapping[str, Any]) -> list[str]:
    """The keys of a request that only AWS may give to tags: in Tags, a list or a map, and in TagKeys."""
    given = request.get("Tags") or []
    keys = given if isinstance(given, Mapping) else (tag["Key"] for tag in given)
    return sorted(key for key in (*keys, *request.get("TagKeys", [])) if key.lower().startswith(SYSTEM))
