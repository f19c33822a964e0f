"""A classification as a model tells it: in the taxonomy's dimensions and values, and Unknown where nothing speaks for one."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from services.nova.analyst import Classification, Decision
from services.nova.answering.answer import Choice, Trade
from services.nova.answering.facts import distinct, fact, match, nothing, one_of, trust
from services.nova.answering.grounding import Ground
from services.nova.answering.haystack import says
from services.nova.answering.losses import Loss
from services.nova.answering.told import Value
from services.nova.local.waterfall import TAGS
from services.nova.prompting.data import line
from services.nova.provenance import Fact
from services.nova.taxonomy import UNKNOWN, Dimension, Taxonomy

NO_REASON = "The model gave no reason."
NOT_DECIDED = "The model did not decide it."
NO_VALUE = "The model answered \u201c{}\u201d, which is none of the values that there are."
NO_EVIDENCE = "The model answered \u201c{}\u201d, but what it gave as evidence was not found in the file."
LONGEST_REASON, LONGEST_TAG = 300, 40
"""Characters."""
LEAST_TAGS = 5


def classification(told: Trade, ground: Ground, taxonomy: Taxonomy) -> Classification:
    """The place of a file in the taxonomy, with what else makes it findable in the trade."""
    choices = {_key(name): choice for name, choice in told.dimensions.items()}
    dimensions = {name: decision(choices.get(_key(name)), one, ground) for name, one in taxonomy.dimensions.items()}
    products = distinct(fact(value, ground, says) for value in told.product_keywords)
    techniques = distinct(_technique(value, ground, taxonomy) for value in told.building_techniques)
    decided = [one.value for one in dimensions.values() if one.value != UNKNOWN]
    more = (*decided, *(term.value for term in (*products, *techniques)))
    return Classification(
        taxonomy=taxonomy.name,
        taxonomy_version=taxonomy.version,
        dimensions=dimensions,
        confidence=_overall(dimensions),
        search_tags=tags(told.search_tags, more, ground, LEAST_TAGS, TAGS),
        product_keywords=products,
        content_type=one_of(told.content_type, taxonomy.content_types, ground),
        skill_level=one_of(told.skill_level, taxonomy.skill_levels, ground),
        building_techniques=techniques,
    )


def decision(choice: Choice | None, dimension: Dimension, ground: Ground) -> Decision:
    """One dimension: a value that has evidence, or Unknown with the reason."""
    if choice is None:
        return Decision(value=UNKNOWN, unknown_reason=NOT_DECIDED)
    if nothing(choice.value):
        return Decision(value=UNKNOWN, unknown_reason=line(choice.unknown_reason or "", LONGEST_REASON) or NO_REASON)
    value = match(choice.value, dimension.values)
    if value is None:
        ground.losses.note(Loss.CHOICE)
        return Decision(value=UNKNOWN, unknown_reason=NO_VALUE.format(line(choice.value, LONGEST_REASON)))
    evidence = ground.evidence(choice.evidence)
    if not evidence:
        ground.losses.note(Loss.VALUE)
        return Decision(value=UNKNOWN, unknown_reason=NO_EVIDENCE.format(value))
    return Decision(value=value, evidence=evidence, confidence=trust(choice.confidence, evidence))


def tags(told: Iterable[str], more: Iterable[str], ground: Ground, least: int, most: int) -> tuple[str, ...]:
    """Words to find a file by, each once; `more` are added only while there are fewer than `least`."""
    own = list(dict.fromkeys(_short(told, ground)))[:most]
    added = (tag for tag in dict.fromkeys(_short(more, ground)) if tag not in own)
    return (*own, *islice(added, max(least - len(own), 0)))


def _short(words: Iterable[str], ground: Ground) -> Iterator[str]:
    """In lower case, neither empty nor long, and none with a name in it that nothing says."""
    for word in words:
        tag = line(word).lower().strip(" #.,;\"'")
        if 1 < len(tag) <= LONGEST_TAG and not nothing(tag) and not any(says(tag, name) for name in ground.losses.names):
            yield tag


def _technique(value: Value, ground: Ground, taxonomy: Taxonomy) -> Fact:
    told = match(value.value, taxonomy.techniques) or value.value.lower()
    return fact(value.model_copy(update={"value": told}), ground)


def _overall(dimensions: Mapping[str, Decision]) -> float:
    """The mean over all dimensions: what is Unknown counts as nothing known."""
    return round(sum(one.confidence for one in dimensions.values()) / len(dimensions), 2) if dimensions else 0.0


def _key(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
