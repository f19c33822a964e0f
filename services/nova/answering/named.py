"""Entities as a model tells them, joined with what the other sections name."""

from collections.abc import Iterable, Iterator

from services.nova.analyst import Entity, EntityType
from services.nova.answering.answer import Named
from services.nova.answering.facts import LONGEST, nothing, says_place, trust
from services.nova.answering.grounding import QUOTES, Ground
from services.nova.answering.haystack import says
from services.nova.answering.losses import Loss
from services.nova.answering.people import role
from services.nova.local.confidence import confidence
from services.nova.local.entities import MOST, normalized
from services.nova.prompting.data import line
from services.nova.provenance import Evidence, Source

NAMED = frozenset({EntityType.PROJECT, EntityType.CUSTOMER, EntityType.PRODUCT, EntityType.MODEL})
"""Whose value is a name, which the evidence has to say."""


def named(told: Iterable[Named], known: Iterable[Entity], ground: Ground, names: frozenset[str]) -> tuple[Entity, ...]:
    """Each named thing once: `known` from other sections, the camera, and what the model tells with evidence."""
    found: dict[tuple[EntityType, str], Entity] = {}
    for entity in (*known, *_camera(ground), *_grounded(told, ground, names)):
        key = (entity.type, entity.normalized)
        found[key] = _united(found[key], entity) if key in found else entity
    return tuple(found.values())[:MOST]


def _grounded(told: Iterable[Named], ground: Ground, names: frozenset[str]) -> Iterator[Entity]:
    for one in told:
        value = line(one.value, LONGEST)
        if nothing(value) or not normalized(value):
            continue
        if one.type is EntityType.PERSON:
            value = role(value, names) or value
        evidence = tuple(piece for piece in ground.evidence(one.evidence) if _speaks(one.type, value, piece, names))
        if evidence:
            yield _entity(one.type, value, evidence, trust(one.confidence, evidence))
        else:
            ground.losses.note(Loss.VALUE)


def _speaks(kind: EntityType, value: str, piece: Evidence, names: frozenset[str]) -> bool:
    """Whether a piece of evidence can speak for a value of this sort: names have to be said, and no face says one."""
    if kind is EntityType.LOCATION:
        return says_place(piece.phrase, value)
    if kind is EntityType.PERSON:
        return role(value, names) is not None or (piece.source is not Source.VISUAL and says(piece.phrase, value))
    return kind not in NAMED or says(piece.phrase, value)


def _camera(ground: Ground) -> Iterator[Entity]:
    if camera := line(ground.material.camera or "", LONGEST):
        evidence = (Evidence(source=Source.EXIF, phrase=camera),)
        yield _entity(EntityType.EQUIPMENT, camera, evidence, confidence(evidence))


def _entity(kind: EntityType, value: str, evidence: tuple[Evidence, ...], sure: float) -> Entity:
    return Entity(
        type=kind,
        value=value,
        normalized=normalized(value),
        sources=_sources(evidence),
        evidence=evidence,
        confidence=sure,
    )


def _united(one: Entity, other: Entity) -> Entity:
    evidence = tuple(dict.fromkeys((*one.evidence, *other.evidence)))[:QUOTES]
    sure = max(one.confidence, other.confidence)
    return one.model_copy(update={"evidence": evidence, "sources": _sources(evidence), "confidence": sure})


def _sources(evidence: Iterable[Evidence]) -> tuple[Source, ...]:
    return tuple(dict.fromkeys(piece.source for piece in evidence))
