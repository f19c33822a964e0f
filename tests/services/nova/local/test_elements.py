from services.nova.analyst import ElementKind, Span
from services.nova.local.elements import elements, spans
from services.nova.provenance import Evidence, Source
from tests.support.material import reading


def at(start: float, end: float) -> Evidence:
    return Evidence(source=Source.TRANSCRIPT, phrase="pump", start=start, end=end)


def test_every_kind_with_the_times_at_which_it_comes_up() -> None:
    found = elements(
        reading(
            "the engineer talks about the budget.",
            "an excavator near the pond.",
            "hello",
            "hello",
            "hello",
            "the pond is full.",
        )
    )
    assert [(element.kind, element.name, [span.start for span in element.spans]) for element in found] == [
        (ElementKind.EQUIPMENT, "excavator", [4.5]),
        (ElementKind.OBJECT, "pond", [4.5, 22.5]),
        (ElementKind.TOPIC, "budget", [0.0]),
        (ElementKind.PERSON, "engineer", [0.0]),
    ]


def test_what_is_denied_is_not_there() -> None:
    assert elements(reading("there is no excavator and no pump")) == ()


def test_names_give_doubtful_elements_without_times() -> None:
    (element,) = elements(reading(path="excavator.jpg"))
    assert (element.spans, element.confidence) == ((), 0.3)


def test_near_mentions_are_one_stretch() -> None:
    assert spans([at(20, 24), at(0, 4), at(6, 9), at(7, 8)]) == (Span(start=0, end=9), Span(start=20, end=24))
    assert spans([Evidence(source=Source.PATH, phrase="pump")]) == ()


def test_people_are_roles_never_names() -> None:
    found = elements(reading("Mr. Miller is the homeowner and Anna is the designer"))
    assert [element.name for element in found if element.kind is ElementKind.PERSON] == ["homeowner", "designer"]


def test_the_verb_is_not_the_tool() -> None:
    assert elements(reading("we saw it, and this is light weight")) == ()
