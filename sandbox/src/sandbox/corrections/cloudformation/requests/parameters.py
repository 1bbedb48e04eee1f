"""Parameters of stack operations, refused if the template does not declare them."""

from __future__ import annotations

import re

from ministack.services.cloudformation import changesets, engine, handlers

_NOT_ALLOWED = re.compile(r"(Parameter '[^']*') value .* is not in AllowedValues", re.DOTALL)


def refuse_unknown_parameters() -> None:
    """Refuse undeclared parameter keys, as CreateStack, UpdateStack and CreateChangeSet do."""
    resolve = engine._resolve_parameters

    def resolve_parameters(template: dict, provided: list[dict], previous: dict | None = None) -> dict:
        unknown = [entry["Key"] for entry in provided if entry["Key"] not in template.get("Parameters", {})]
        if unknown:
            raise ValueError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
        try:
            return resolve(template, provided, previous)
        except ValueError as error:
            if found := _NOT_ALLOWED.match(str(error)):
                raise ValueError(f"{found[1]} must be one of AllowedValues") from error
            raise

    for module in (engine, handlers, changesets):
        module._resolve_parameters = resolve_parameters
