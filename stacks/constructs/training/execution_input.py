"""The input of a training execution, and the sentence that refuses any other."""

from __future__ import annotations

from specs import ModelSpec
from stacks.constructs.workflows.jsonata import INPUT, Jsonata, literal

TUNE = Jsonata(f"{INPUT}.tune = true")


def refusal(model: ModelSpec) -> Jsonata:
    """The sentence that refuses an input, or the empty text."""
    return Jsonata(
        f"($input := {INPUT};"
        " $unknown := $type($input) = 'object' ? $keys($input)[$not($ in ['hyperparameters', 'tune', 'commit'])] : [];"
        " $given := $exists($input.hyperparameters) ? $input.hyperparameters : {};"
        " $nested := $type($given) = 'object'"
        " ? $keys($given)[$not($type($lookup($given, $)) in ['string', 'number', 'boolean'])] : [];"
        " $type($input) != 'object' ? 'the input is of type ' & $type($input) & ', not an object of hyperparameters'"
        " : $count($unknown) > 0"
        " ? 'the input may hold hyperparameters, tune and commit only, not ' & $join($unknown, ', ')"
        " : $type($given) != 'object' ? 'hyperparameters is of type ' & $type($given) & ', not an object'"
        " : $exists($input.commit) and $not($type($input.commit) = 'string' and"
        " $contains($input.commit, /^[0-9a-f]{40}(-dirty)?$/))"
        " ? 'commit is not 40 hexadecimal digits, with or without -dirty'"
        " : $count($nested) > 0"
        " ? 'these hyperparameters are neither string, number nor boolean: ' & $join($nested, ', ')"
        " : $exists($input.tune) and $type($input.tune) != 'boolean'"
        " ? 'tune is of type ' & $type($input.tune) & ', not true or false'"
        f" : {_refused_search(model)}"
        " : '')"
    )


def _refused_search(model: ModelSpec) -> str:
    """A condition and its sentence: tuning that is not declared, or a value given for what is searched."""
    if not model.training.tuning:
        sentence = f"{model.name} declares no tuning: write [training.tuning] in models/{model.name}.toml"
        return f"$input.tune = true ? '{sentence}'"
    both = f"$keys($given)[$ in {literal(sorted(model.training.tuning.ranges))}]"
    sentence = "tuning searches these hyperparameters, which cannot be given, too: "
    return f"$input.tune = true and $count({both}) > 0 ? '{sentence}' & $join({both}, ', ')"
