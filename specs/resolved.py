"""A model as it is in one environment, for stacks and reports to read."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from specs import names
from specs.alarms import AlarmLimits, limits
from specs.environment import EnvironmentSpec
from specs.model import ModelSpec
from specs.overrides import merge


class ResolvedModel(BaseModel):
    """A model and its environment, in which the model's overrides have replaced the defaults."""

    model_config = ConfigDict(frozen=True)

    model: ModelSpec
    environment: EnvironmentSpec

    @property
    def endpoint(self) -> str:
        """The name of the endpoint."""
        return names.endpoint(self.environment.name, self.model.name)

    @property
    def alarm_limits(self) -> AlarmLimits:
        """The limits of the endpoint's alarms."""
        return limits(self.model.serving.alarms, self.environment.serving.alarms)

    @property
    def serving_stack(self) -> str:
        """The name of the stack that every release updates."""
        return names.serving_stack(self.environment.name, self.model.name)

    @property
    def model_package_group(self) -> str:
        """The name of the model package group."""
        return names.model_package_group(self.environment.name, self.model.name)

    @property
    def place(self) -> tuple[str, str]:
        """The names of environment and model: the first arguments of every hint (specs/hints.py)."""
        return self.environment.name, self.model.name

    @property
    def tags(self) -> dict[str, str]:
        """The tags of everything that belongs to the model, its jobs included."""
        return {**self.environment.all_tags, names.MODEL_TAG: self.model.name}


def resolve(model: ModelSpec, environment: EnvironmentSpec) -> ResolvedModel:
    """Put a model's overrides into its environment; `load` has checked the two together."""
    overrides = model.environment.get(environment.name)
    if overrides is None:
        return ResolvedModel(model=model, environment=environment)
    tables = merge(environment.model_dump(exclude_none=True), overrides.model_dump(exclude_none=True))
    resolved = EnvironmentSpec.model_validate(tables).declared_at(environment.account_line)
    return ResolvedModel(model=model, environment=resolved)
