"""The rows of the audit by stack: resources that set, change and lose all that the sandbox says it honours."""

from __future__ import annotations

from collections.abc import Mapping

from audits import analytics, functions, identities, logs, networks, schedules, tables, users, web_apis
from audits.row import Row

STACKS: Mapping[str, Mapping[str, Row]] = {
    module.__name__.rpartition(".")[2]: module.ROWS
    for module in (analytics, functions, identities, logs, networks, schedules, tables, users, web_apis)
}
