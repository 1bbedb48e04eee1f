"""The rules of the evaluation gate and their sentences, as JSONata over `$metrics` and `$champion`."""

from __future__ import annotations

from specs import Limit, ModelSpec
from stacks.constructs.workflows.jsonata import Jsonata

COMPARED = Jsonata("$champion.version != '' and $champion.problem = ''")
"""True if the champion has a number of the same test split."""


def unmeasured(model: ModelSpec) -> Jsonata:
    """The names of the gate's metrics that are no number; '' for none."""
    named = ", ".join(f"{_is_no_number(limit)} ? '{limit.metric}'" for limit in model.evaluation.limits)
    return Jsonata(f"$join([{named}], ', ')")


def below_threshold(model: ModelSpec) -> Jsonata:
    """True if a metric misses its threshold."""
    return Jsonata(" or ".join(f"{_shortfall(limit)} > 0" for limit in model.evaluation.limits))


def below_champion(model: ModelSpec) -> Jsonata:
    """True if the metric is worse than the champion's by more than the tolerance."""
    # Differences of decimal fractions are rounded, or 0.99 - 0.988 would be more than 0.002.
    return Jsonata(f"{COMPARED} and $round({_worse_by(model)}, 9) > {model.evaluation.tolerance}")


def below_threshold_cause(model: ModelSpec) -> Jsonata:
    """The sentence of a model below a threshold, about each metric that misses its own."""
    missed = ", ".join(f"{_shortfall(limit)} > 0 ? {_missed(limit)}" for limit in model.evaluation.limits)
    return Jsonata(f"$join([{missed}], '; ')")


def below_champion_cause(model: ModelSpec) -> Jsonata:
    """The sentence of a model worse than the champion."""
    metric, tolerance = model.evaluation.metric, model.evaluation.tolerance
    worse = f"$string($round({_worse_by(model)}, 4))"
    return Jsonata(
        f"'{metric} ' & {_shown(metric)} & ' is worse than that of the champion ' & {_CHAMPION}"
        f" & ' by ' & {worse} & ', more than the tolerance {tolerance}'"
    )


def passed(model: ModelSpec) -> Jsonata:
    """The sentence of a model that is good enough: the numbers, and which comparison was made."""
    metric, threshold = model.evaluation.metric, model.evaluation.threshold
    first = f"', and there is no champion: only the threshold {threshold} counts'"
    alone = "', not compared with the champion ' & $champion.version & ', which was not measured: ' & $champion.problem"
    beside = f"', compared with that of the champion ' & {_CHAMPION}"
    how = f"($champion.version = '' ? {first} : $champion.problem != '' ? {alone} : {beside})"
    also = "".join(f" & '; {each.metric} ' & {_shown(each.metric)}" for each in model.evaluation.also)
    return Jsonata(f"'{metric} ' & {_shown(metric)} & {how}{also}")


_ORIGIN = (
    "($champion.again = '' ? 'as stored with it, of the same test split'"
    " : 'measured again on the same test split, because ' & $champion.again)"
)
_CHAMPION = f"$champion.version & ' (' & $string($round($champion.value, 4)) & ', ' & {_ORIGIN} & ')'"


def _measured(metric: str) -> Jsonata:
    return Jsonata(f"$lookup($metrics, '{metric}')")


def _is_no_number(limit: Limit) -> Jsonata:
    # Not `!=`: a missing metric has no type, and what is undefined compares as false.
    return Jsonata(f"$not($type({_measured(limit.metric)}) = 'number')")


def _shortfall(limit: Limit) -> Jsonata:
    """The distance to the threshold: more than 0 if it is missed."""
    value, threshold = _measured(limit.metric), f"({limit.threshold})"
    return Jsonata(f"{threshold} - {value}" if limit.goal == "maximize" else f"{value} - {threshold}")


def _missed(limit: Limit) -> Jsonata:
    side = "below" if limit.goal == "maximize" else "above"
    shown, by = _shown(limit.metric), f"$string($round({_shortfall(limit)}, 4))"
    return Jsonata(f"'{limit.metric} ' & {shown} & ' is {side} the threshold {limit.threshold}, by ' & {by}")


def _worse_by(model: ModelSpec) -> Jsonata:
    value, champion = _measured(model.evaluation.metric), "$champion.value"
    return Jsonata(f"{champion} - {value}" if model.evaluation.goal == "maximize" else f"{value} - {champion}")


def _shown(metric: str) -> Jsonata:
    return Jsonata(f"$string($round({_measured(metric)}, 4))")
