"""List operations: filters, order and pages, alike for every kind of resource."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.frame.clock import moment
from sandbox.frame.errors import ValidationException
from sandbox.frame.paging import BadToken, position, token

Record = dict[str, Any]

CREATION_FILTERS = frozenset(
    {"CreationTimeAfter", "CreationTimeBefore", "NameContains", "SortBy", "SortOrder", "MaxResults", "NextToken"}
)
ALL_FILTERS = CREATION_FILTERS | {"LastModifiedTimeAfter", "LastModifiedTimeBefore"}
_TIME_FILTERS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "CreatedAfter": ("CreationTime", operator.gt),
    "CreatedBefore": ("CreationTime", operator.lt),
    "CreationTimeAfter": ("CreationTime", operator.gt),
    "CreationTimeBefore": ("CreationTime", operator.lt),
    "LastModifiedTimeAfter": ("LastModifiedTime", operator.gt),
    "LastModifiedTimeBefore": ("LastModifiedTime", operator.lt),
}
_DEFAULT_PAGE = 10


@dataclass(frozen=True)
class Listing:
    """One List operation: its result member, and the members that hold name and status.

    `order` is the default SortOrder, which differs between operations: model packages come oldest first.
    """

    result: str
    name: str
    status: str
    order: str
    summary: tuple[str, ...] = ()
    """The members that the answer shows of a record; all of them, if none is named."""
    by: str = "CreationTime"
    """The default SortBy."""
    filters: tuple[str, ...] = ()
    """Members that the request may give, besides StatusEquals: only records of the same value pass."""
    keys: Mapping[str, Callable[[Record], Any]] = field(default_factory=dict)
    """Other values of SortBy, and the key that each sorts by."""

    def page(self, records: Iterable[Record], request: Record) -> Record:
        """One page of the records that pass the request's filters. Raises ValidationException for a bad NextToken."""
        chosen = [record for record in records if self._passes(record, request)]
        by = request.get("SortBy", self.by)
        member = {"Name": self.name, "Status": self.status}.get(by, "CreationTime")
        # Python's sort is stable, so records of one millisecond keep the order of their creation.
        chosen.sort(key=self.keys.get(by, operator.itemgetter(member)))
        if request.get("SortOrder", self.order) == "Descending":
            chosen.reverse()
        try:
            start = position(self.result, request)
        except BadToken as error:
            raise ValidationException(str(error)) from error
        end = start + request.get("MaxResults", _DEFAULT_PAGE)
        answer: Record = {self.result: [self._shown(record) for record in chosen[start:end]]}
        if end < len(chosen):
            answer["NextToken"] = token(self.result, request, end)
        return answer

    def _passes(self, record: Record, request: Record) -> bool:
        if request.get("NameContains", "") not in record[self.name]:
            return False
        wanted = {self.status: "StatusEquals", **{member: member for member in self.filters}}
        if any(name in request and record[member] != request[name] for member, name in wanted.items()):
            return False
        return all(
            compare(record[member], moment(request[name]))
            for name, (member, compare) in _TIME_FILTERS.items()
            if name in request
        )

    def _shown(self, record: Record) -> Record:
        return {member: record[member] for member in self.summary or record if member in record}
