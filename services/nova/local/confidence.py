"""How far to trust a value, from the evidence for it."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from services.nova.provenance import Evidence, Source

TRUST: Mapping[Source, float] = MappingProxyType(
    {
        Source.VISUAL: 0.85,
        Source.TRANSCRIPT: 0.65,
        Source.EXIF: 0.6,
        Source.FILENAME: 0.3,
        Source.PATH: 0.3,
        Source.SHOTS: 0.3,
    }
)
"""Of one piece of evidence: what is seen before what is said before what is written on the outside."""
NAMES = frozenset({Source.FILENAME, Source.PATH})
NAMES_AT_MOST = 0.4
"""File name and path alone stay doubtful: people copy folders and rename files."""
AT_MOST = 0.95
REPEATED = 0.05
"""Added for a second mention in the same source: saying it twice proves little more than once."""


def confidence(evidence: Iterable[Evidence], factor: float = 1.0) -> float:
    """0 to 1: sources that agree strengthen each other, repeats in one source hardly; `factor` is the rule's own certainty."""
    pieces = tuple(evidence)
    sources = {piece.source for piece in pieces}
    doubt = 1.0
    for source in sorted(sources):
        repeated = sum(piece.source is source for piece in pieces) > 1
        doubt *= 1 - TRUST[source] - REPEATED * repeated
    highest = NAMES_AT_MOST if sources <= NAMES else AT_MOST
    return round(min(1 - doubt, highest) * factor, 2)
