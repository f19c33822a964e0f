"""Which facts of a taxonomy hold for a file: said to be there, said to be absent, or not spoken of."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from services.nova.local.cues import Lexicon, Mention
from services.nova.local.measures import Measure, measures
from services.nova.provenance import Evidence, Source
from services.nova.reading import Reading, Text
from services.nova.taxonomy import NOT, Cue, Taxonomy

NAMES = frozenset({Source.FILENAME, Source.PATH})


class Facts(NamedTuple):
    """Evidence by fact: for what is there, and for what is absent."""

    present: Mapping[str, tuple[Evidence, ...]]
    absent: Mapping[str, tuple[Evidence, ...]]

    def evidence(self, name: str) -> tuple[Evidence, ...]:
        """Evidence for a fact, or with `not ` before its name for its absence; empty if it does not hold."""
        if name.startswith(NOT):
            return self.absent.get(name.removeprefix(NOT), ())
        return self.present.get(name, ())


def facts(taxonomy: Taxonomy, lexicons: tuple[Lexicon, Lexicon], reading: Reading) -> Facts:
    """The facts of one file. The strongest source that speaks of a fact decides it; weaker ones may only agree."""
    by_fact: dict[str, list[Mention]] = defaultdict(list)
    for text in reading.texts:
        lexicon = lexicons[text.source in NAMES]
        for mention in (*lexicon.mentions(text), *_sizes(taxonomy, text)):
            by_fact[mention.term].append(mention)
    present, absent = {}, {}
    for name, mentions in by_fact.items():
        strongest = mentions[0].evidence.source
        there = any(not mention.denied for mention in mentions if mention.evidence.source is strongest)
        agreeing = [mention for mention in mentions if mention.denied is not there]
        if not there:
            absent[name] = _evidence(agreeing)
        elif len({mention.phrase for mention in agreeing}) >= taxonomy.facts[name].at_least:
            present[name] = _evidence(agreeing)
    return Facts(present, absent)


def fact_lexicons(taxonomy: Taxonomy) -> tuple[Lexicon, Lexicon]:
    """What to look for in speech, and in names."""
    spoken = {name: cue.phrases for name, cue in taxonomy.facts.items()}
    named = {name: (*cue.phrases, *cue.names) for name, cue in taxonomy.facts.items()}
    return Lexicon(spoken, taxonomy.masks), Lexicon(named, taxonomy.masks)


def _sizes(taxonomy: Taxonomy, text: Text) -> Iterator[Mention]:
    found = tuple(measures(text.words))
    for name, cue in taxonomy.facts.items() if found else ():
        for measure in found:
            if _fits(cue, measure):
                quote = text.quote(measure.first, measure.last)
                yield Mention(name, f"{measure.dimension} {measure.feet:g}", quote, denied=False)


def _fits(cue: Cue, measure: Measure) -> bool:
    return any(size.dimension == measure.dimension and size.at_least <= measure.feet < size.below for size in cue.sizes)


def _evidence(mentions: list[Mention]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(mention.evidence for mention in mentions))
