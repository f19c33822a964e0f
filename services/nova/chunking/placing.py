"""A file's place in a taxonomy from those that its chunks were given."""

from collections.abc import Mapping, Sequence

from services.nova.analyst import Classification, Decision
from services.nova.chunking.uniting import evidence, fact, facts, grouped, strongest, words
from services.nova.taxonomy import UNKNOWN

TAGS = 10
"""The most that a classification has."""


def placed(parts: Sequence[Classification]) -> Classification | None:
    """For each dimension the value that most speaks for; None if no part has been classified."""
    if not parts:
        return None
    dimensions = {name: _decided(decisions) for name, decisions in _by_dimension(parts).items()}
    return parts[0].model_copy(
        update={
            "dimensions": dimensions,
            "confidence": round(sum(decision.confidence for decision in dimensions.values()) / max(1, len(dimensions)), 2),
            "search_tags": words((part.search_tags for part in parts), TAGS),
            "product_keywords": facts(part.product_keywords for part in parts),
            "content_type": fact(part.content_type for part in parts),
            "skill_level": fact(part.skill_level for part in parts),
            "building_techniques": facts(part.building_techniques for part in parts),
        }
    )


def disagreements(parts: Sequence[Classification]) -> tuple[str, ...]:
    """A sentence for each dimension of which parts say different things."""
    return tuple(
        f"The parts of the file disagree about {name}: {', '.join(_tally(group) for group in groups)}."
        for name, decisions in _by_dimension(parts).items()
        if len(groups := _ranked(decisions)) > 1
    )


def _by_dimension(parts: Sequence[Classification]) -> Mapping[str, list[Decision]]:
    names = dict.fromkeys(name for part in parts for name in part.dimensions)
    return {name: [part.dimensions[name] for part in parts if name in part.dimensions] for name in names}


def _decided(decisions: Sequence[Decision]) -> Decision:
    """The value with most weight, trusted by as much as the others leave of it; Unknown only if nothing else was said."""
    groups = _ranked(decisions)
    if not groups:
        reasons = dict.fromkeys(decision.unknown_reason for decision in decisions if decision.unknown_reason)
        return strongest(decisions).model_copy(
            update={"evidence": evidence(decisions), "unknown_reason": " ".join(reasons) or None}
        )
    most, total = _weight(groups[0]), sum(map(_weight, groups))
    best = strongest(groups[0])
    share = round(best.confidence * most / total, 2) if len(groups) > 1 and total else best.confidence
    return best.model_copy(update={"evidence": evidence(groups[0]), "confidence": share})


def _ranked(decisions: Sequence[Decision]) -> list[list[Decision]]:
    """The decisions by value, the best supported value first."""
    groups = grouped((one for one in decisions if one.value != UNKNOWN), lambda decision: decision.value)
    return sorted(
        groups, key=lambda group: (-_weight(group), -strongest(group).confidence, -len(evidence(group)), group[0].value)
    )


def _weight(group: Sequence[Decision]) -> float:
    return round(sum(decision.confidence for decision in group), 9)


def _tally(group: Sequence[Decision]) -> str:
    return f"{group[0].value} in {len(group)}"
