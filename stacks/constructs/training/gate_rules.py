"""The rules of the evaluation gate and their sentences, as JSONata over `$metrics` and `$champion`."""

from __future__ import annotations

from specs import ModelSpec
from stacks.constructs.workflows.jsonata import Jsonata

COMPARED = Jsonata("$champion.version != '' and $champion.problem = ''")
"""True if the champion has a number of the same test split."""


def below_threshold(model: ModelSpec) -> Jsonata:
    """True if the metric misses the threshold."""
    return Jsonata(f"{_shortfall(model)} > 0")


def below_champion(model: ModelSpec) -> Jsonata:
    """True if the metric is worse than the champion's by more than the tolerance."""
    # Differences of decimal fractions are rounded, or 0.99 - 0.988 would be more than 0.002.
    return Jsonata(f"{COMPARED} and $round({_worse_by(model)}, 9) > {model.evaluation.tolerance}")


def below_threshold_cause(model: ModelSpec) -> Jsonata:
    """The sentence of a model below the threshold."""
    metric, threshold = model.evaluation.metric, model.evaluation.threshold
    side = "below" if model.evaluation.goal == "maximize" else "above"
    by = f"$string($round({_shortfall(model)}, 4))"
    return Jsonata(f"'{metric} ' & {_shown(model)} & ' is {side} the threshold {threshold}, by ' & {by}")


def below_champion_cause(model: ModelSpec) -> Jsonata:
    """The sentence of a model worse than the champion."""
    metric, tolerance = model.evaluation.metric, model.evaluation.tolerance
    worse = f"$string($round({_worse_by(model)}, 4))"
    return Jsonata(
        f"'{metric} ' & {_shown(model)} & ' is worse than that of the champion ' & {_CHAMPION}"
        f" & ' by ' & {worse} & ', more than the tolerance {tolerance}'"
    )


def passed(model: ModelSpec) -> Jsonata:
    """The sentence of a model that is good enough: both numbers, and which comparison was made."""
    metric, threshold = model.evaluation.metric, model.evaluation.threshold
    first = f"', and there is no champion: only the threshold {threshold} counts'"
    alone = "', not compared with the champion ' & $champion.version & ', which was not measured: ' & $champion.problem"
    beside = f"', compared with that of the champion ' & {_CHAMPION}"
    how = f"($champion.version = '' ? {first} : $champion.problem != '' ? {alone} : {beside})"
    return Jsonata(f"'{metric} ' & {_shown(model)} & {how}")


def measured_value(model: ModelSpec) -> Jsonata:
    """The metric by which the model is judged."""
    return Jsonata(f"$lookup($metrics, '{model.evaluation.metric}')")


_ORIGIN = (
    "($champion.again = '' ? 'as stored with it, of the same test split'"
    " : 'measured again on the same test split, because ' & $champion.again)"
)
_CHAMPION = f"$champion.version & ' (' & $string($round($champion.value, 4)) & ', ' & {_ORIGIN} & ')'"


def _shortfall(model: ModelSpec) -> Jsonata:
    """The distance to the threshold: more than 0 if it is missed."""
    value, threshold = measured_value(model), f"({model.evaluation.threshold})"
    return Jsonata(f"{threshold} - {value}" if model.evaluation.goal == "maximize" else f"{value} - {threshold}")


def _worse_by(model: ModelSpec) -> Jsonata:
    value, champion = measured_value(model), "$champion.value"
    return Jsonata(f"{champion} - {value}" if model.evaluation.goal == "maximize" else f"{value} - {champion}")


def _shown(model: ModelSpec) -> Jsonata:
    return Jsonata(f"$string($round({measured_value(model)}, 4))")
