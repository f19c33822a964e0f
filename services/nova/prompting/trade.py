"""A taxonomy told to a model: dimensions in the order of decision, their rules, and what its facts look and sound like."""

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from services.nova.taxonomy import NOT, UNKNOWN, Cue, Dimension, Rule, Taxonomy

PHRASES = 5
"""Of one cue: enough to know what is meant, few enough to read."""
GAP = "*"
TERMS = 40
"""Of one list of words."""


def trade_rules(taxonomy: Taxonomy) -> str:
    """The dimensions with values and rules, then each fact that the rules speak of."""
    dimensions = (_dimension(number, name, one) for number, (name, one) in enumerate(taxonomy.dimensions.items(), 1))
    facts = "\n".join(f"- {_spaced(name)}: {_cue(taxonomy.facts[name])}" for name in _used(taxonomy))
    return "\n\n".join((*dimensions, f"The facts that the rules speak of:\n{facts}"))


def trade_terms(taxonomy: Taxonomy) -> str:
    """What else the trade is searched by, with the words that it has for it."""
    return "\n".join(_terms(taxonomy))


def _terms(taxonomy: Taxonomy) -> Iterator[str]:
    yield "- `search_tags`: five to ten words or short phrases of the trade, in lower case, each once"
    yield f"- `product_keywords`: product names and model numbers exactly as seen or heard{as_terms(taxonomy.products)}"
    if taxonomy.content_types:
        yield f"- `content_type`: {_listed(taxonomy.content_types)} or unknown"
    if taxonomy.skill_levels:
        yield f"- `skill_level` that is addressed: {_listed(taxonomy.skill_levels)} or unknown"
    yield f"- `building_techniques` that are shown or explained{as_terms(taxonomy.techniques)}"


def as_terms(terms: Iterable[str]) -> str:
    """Examples after a word; nothing where there are none."""
    told = _listed(terms)
    return f", as {told}" if told else ""


def _dimension(number: int, name: str, dimension: Dimension) -> str:
    guide = [" ".join(dimension.guide.split())] if dimension.guide else []
    rules = [f"- {rule.value}, if {_condition(rule)}" for rule in _telling(dimension.rules)]
    head = f"{number}. `{name}`: {' | '.join((*dimension.values, UNKNOWN))}"
    return "\n".join((head, *guide, *rules, f"- {UNKNOWN} otherwise"))


def _telling(rules: tuple[Rule, ...]) -> Iterator[Rule]:
    """The rules without those that only make the next one more certain."""
    for rule, after in zip_longest(rules, rules[1:]):
        wider = after is not None and set(after.when) <= set(rule.when) and set(after.unless) <= set(rule.unless)
        if not (wider and after.value == rule.value):
            yield rule


def _condition(rule: Rule) -> str:
    clauses = [" or ".join(map(_spaced, clause)) for clause in rule.when]
    told = "; and ".join(clauses) or "nothing else holds"
    return f"{told}; unless {' or '.join(map(_spaced, rule.unless))}" if rule.unless else told


def _cue(cue: Cue) -> str:
    look = [" ".join(cue.look.split())] if cue.look else []
    phrases = [phrase for phrase in cue.phrases if GAP not in phrase][:PHRASES]
    words = [f"words such as {', '.join(phrases)}"] if phrases else []
    names = [f"in names also {', '.join(cue.names[:PHRASES])}"] if cue.names else []
    sizes = [f"{size.dimension} {_range(size.at_least, size.below)}" for size in cue.sizes]
    several = [f"it takes {cue.at_least} different signs"] if cue.at_least > 1 else []
    return "; ".join((*look, *words, *names, *sizes, *several))


def _range(least: float, below: float) -> str:
    bounds = [f"from {least:g}"] if least > 0 else []
    bounds += [f"below {below:g}"] if below != float("inf") else []
    return f"{' and '.join(bounds)} ft"


def _used(taxonomy: Taxonomy) -> Iterator[str]:
    """The facts that rules speak of, in the order of the taxonomy."""
    rules = [rule for dimension in taxonomy.dimensions.values() for rule in dimension.rules]
    named = {fact.removeprefix(NOT) for rule in rules for clause in (*rule.when, rule.unless) for fact in clause}
    return (name for name in taxonomy.facts if name in named)


def _listed(terms: Iterable[str]) -> str:
    return ", ".join(list(terms)[:TERMS])


def _spaced(fact: str) -> str:
    return fact.replace("_", " ")
