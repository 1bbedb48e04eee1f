"""The parameters of stacks and change sets, as descriptions show them."""

from __future__ import annotations

from typing import Any

NO_ECHO = "****"


def shown(key: str, value: dict[str, Any]) -> dict[str, Any]:
    """A parameter's value; for one that names an SSM parameter, also its resolved value ("Parameter")."""
    readable = NO_ECHO if value["NoEcho"] else value["Value"]
    if "SsmName" in value:
        return {"ParameterKey": key, "ParameterValue": value["SsmName"], "ResolvedValue": readable}
    return {"ParameterKey": key, "ParameterValue": readable}
