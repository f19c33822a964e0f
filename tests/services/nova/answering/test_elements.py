from typing import Any

from services.nova.analyst import Element, ElementKind, Span
from services.nova.answering.answer import Thing
from services.nova.answering.elements import elements, joined
from services.nova.answering.grounding import Ground
from shared.contracts import Kind
from tests.services.nova.answering.telling import ground, quote, said, seen
from tests.support.material import material


def thing(name: str, *evidence: dict[str, Any], kind: str = "object", spans: Any = (), confidence: float | None = 0.8) -> Thing:
    return Thing.model_validate({"kind": kind, "name": name, "spans": spans, "evidence": evidence, "confidence": confidence})


def told(*things: Thing, held: Ground | None = None) -> tuple[Element, ...]:
    return elements(things, held or ground(), frozenset({"smith"}))


def test_stretches_are_brought_into_the_clip_and_united() -> None:
    (found,) = told(thing("rock", seen(), spans=[[6, 9], [0, 4], [3, 5], [5, 5.5], [17, 99], [200, 300]]))
    assert found.spans == (Span(start=0, end=5.5), Span(start=6, end=9), Span(start=17, end=18.5))


def test_stretches_of_a_part_have_the_times_of_the_file() -> None:
    held = ground(span=Span(start=10, end=18))
    (found,) = told(thing("rock", seen("rock", 1, 2), spans=[[1, 3], [50, 60]]), held=held)
    assert found.spans == (Span(start=11, end=13),)
    assert list(held.losses.sentences()) == ["1 stretch of time lies outside the clip, and was left out."]


def test_without_stretches_the_evidence_says_when() -> None:
    (found,) = told(thing("crane", said("a crane placed the boulders"), seen("a crane", 15, 16)))
    assert found.spans == (Span(start=9, end=13), Span(start=15, end=16))


def test_the_same_thing_is_one() -> None:
    one = thing("Excavator", seen("a"), kind="equipment", spans=[[0, 1]], confidence=0.5)
    other = thing("excavator ", seen("b"), kind="equipment", spans=[[0.5, 2]], confidence=0.7)
    topic = thing("excavator", seen("c"), kind="topic")
    first, second = told(one, other, topic)
    assert (first.name, first.confidence, first.spans) == ("Excavator", 0.7, (Span(start=0, end=2),))
    assert [piece.phrase for piece in first.evidence] == ["a", "b"]
    assert second.kind is ElementKind.TOPIC


def test_what_has_no_evidence_is_left_out() -> None:
    held = ground()
    assert (
        told(thing("dragon"), thing("dragon", said("a dragon")), thing(" - ", seen()), thing("Unknown", seen()), held=held)
        == ()
    )
    assert "4 elements had no evidence left, and were left out." in held.losses.sentences()


def test_people_are_told_by_their_role() -> None:
    held = ground()
    people = [thing(name, seen(), kind="person") for name in ("Installer", "John Smith", "smith")]
    assert [element.name for element in told(*people, held=held)] == ["installer"]
    assert "2 people were named where only roles belong, and were left out." in held.losses.sentences()


def test_names_of_things_stay() -> None:
    assert [element.name for element in told(thing("Smith machine", seen(), kind="equipment"))] == ["Smith machine"]


def test_a_picture_has_no_stretches() -> None:
    (found,) = told(thing("rock", seen("rock", 1, 2), spans=[[1, 2]]), held=ground(material(path="a.jpg", kind=Kind.IMAGE)))
    assert found.spans == ()


def test_names_alone_leave_doubt() -> None:
    (found,) = told(thing("grotto", quote("filename", "Grotto"), confidence=0.95))
    assert found.confidence == 0.4


def test_joining_nothing_is_nothing() -> None:
    assert joined([]) == ()
