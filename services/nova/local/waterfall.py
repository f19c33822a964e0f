"""Classification by a taxonomy's decision rules, as far as words allow."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from services.nova.analyst import Classification, Decision
from services.nova.local.confidence import confidence
from services.nova.local.cues import Lexicon, Mention
from services.nova.local.decision import decide
from services.nova.local.facts import fact_lexicons, facts
from services.nova.provenance import Evidence, Fact
from services.nova.reading import Reading, spoken
from services.nova.taxonomy import UNKNOWN, Taxonomy, load

MODEL_NUMBER = re.compile(r"\bmodel(?: number| no\.?)? ([A-Za-z]{0,4}[- ]?\d{1,5}[A-Za-z]{0,2})\b", re.IGNORECASE)
TAGS = 10
QUOTES = 6


class Trade(NamedTuple):
    """What a taxonomy makes of a file: its place in it, and the sorts and styles of thing that are spoken of."""

    classification: Classification
    types: tuple[Fact, ...]
    styles: tuple[Fact, ...]


class Classifier:
    """A taxonomy made ready for reading many files."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        self._facts = fact_lexicons(taxonomy)
        self._products = Lexicon({product: [product] for product in taxonomy.products}, taxonomy.masks)
        self._content_types = Lexicon(taxonomy.content_types, taxonomy.masks)
        self._skill_levels = Lexicon(taxonomy.skill_levels, taxonomy.masks)
        self._techniques = Lexicon(taxonomy.techniques, taxonomy.masks)
        self._types = Lexicon(taxonomy.types, taxonomy.masks)
        self._styles = Lexicon(taxonomy.styles, taxonomy.masks)

    def read(self, reading: Reading) -> Trade:
        """Every dimension decided or Unknown with a reason, and what else makes the file findable in the trade."""
        known = facts(self.taxonomy, self._facts, reading)
        dimensions = {name: decide(dimension, known) for name, dimension in self.taxonomy.dimensions.items()}
        types, styles = _terms(self._types, reading), _terms(self._styles, reading)
        techniques = _terms(self._techniques, reading)
        classification = Classification(
            taxonomy=self.taxonomy.name,
            taxonomy_version=self.taxonomy.version,
            dimensions=dimensions,
            confidence=_overall(dimensions),
            search_tags=_tags(dimensions, (*types, *styles, *techniques)),
            product_keywords=(*_terms(self._products, reading), *_model_numbers(reading)),
            content_type=_first(_terms(self._content_types, reading)),
            skill_level=_first(_terms(self._skill_levels, reading)),
            building_techniques=techniques,
        )
        return Trade(classification, types, styles)


@cache
def classifier(name: str = "waterfall") -> Classifier:
    """The classifier for the taxonomy of that name, made once."""
    return Classifier(load(name))


def _terms(lexicon: Lexicon, reading: Reading) -> tuple[Fact, ...]:
    """Each term that is said to be there, the most often and most surely first."""
    found: dict[str, dict[Evidence, None]] = {}
    for mention in _mentions(lexicon, reading):
        if not mention.denied:
            found.setdefault(mention.term, {})[mention.evidence] = None
    terms = [Fact(value=term, evidence=tuple(pieces)[:QUOTES], confidence=confidence(pieces)) for term, pieces in found.items()]
    return tuple(sorted(terms, key=lambda term: (-term.confidence, -len(found[term.value]))))


def _mentions(lexicon: Lexicon, reading: Reading) -> Iterator[Mention]:
    for text in reading.texts:
        yield from lexicon.mentions(text)


def _first(terms: tuple[Fact, ...]) -> Fact:
    return terms[0] if terms else Fact()


def _model_numbers(reading: Reading) -> Iterator[Fact]:
    found: dict[str, list[Evidence]] = {}
    for segment in reading.material.segments:
        for match in MODEL_NUMBER.finditer(segment.text):
            found.setdefault(match[1].upper(), []).append(spoken(segment, match[0]))
    for number, evidence in found.items():
        yield Fact(value=number, evidence=tuple(evidence[:QUOTES]), confidence=confidence(evidence))


def _overall(dimensions: Mapping[str, Decision]) -> float:
    """The mean over all dimensions: what is Unknown counts as nothing known."""
    return round(sum(decision.confidence for decision in dimensions.values()) / len(dimensions), 2)


def _tags(dimensions: Mapping[str, Decision], terms: tuple[Fact, ...]) -> tuple[str, ...]:
    values = [decision.value for decision in dimensions.values() if decision.value != UNKNOWN]
    return tuple(dict.fromkeys(tag.lower() for tag in (*values, *(term.value for term in terms))))[:TAGS]
