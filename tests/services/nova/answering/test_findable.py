from datetime import UTC, datetime
from typing import Any

from services.nova.analyst import EntityType, SearchMetadata
from services.nova.answering.answer import Findable
from services.nova.answering.findable import search_metadata, whereabouts
from services.nova.answering.grounding import Ground
from services.nova.provenance import UNKNOWN, Source
from services.nova.reading import read
from shared.analyses import AnalysisType
from shared.contracts import Kind
from tests.services.nova.answering.telling import TRADE, concluded, film, ground, quote, said, seen, value
from tests.support.material import material

PICTURE = material(
    path="Smith/IMG_0001.jpg",
    kind=Kind.IMAGE,
    camera="Canon EOS 40D",
    captured_at=datetime(2024, 8, 12, tzinfo=UTC),
    gps=(30.2672, -97.7431),
    exif={"City": "Austin", "ImageDescription": "Grotto"},
)


def told(answer: dict[str, Any], held: Ground | None = None) -> SearchMetadata:
    ground_ = held or ground()
    findable = Findable.model_validate(answer)
    where = whereabouts(findable, ground_)
    names = frozenset({"smith"})
    return search_metadata(
        findable, where, None, (), ground=ground_, reading=read(ground_.material), taxonomy=TRADE, names=names
    )


def entities(found: SearchMetadata) -> list[tuple[EntityType, str]]:
    return [(entity.type, entity.value) for entity in found.entities]


def test_names_are_found_in_names_and_speech() -> None:
    found = told(
        {
            "project": {
                "customer_name": value("Smith", quote("path", "Smith"), said("the Smith residence")),
                "job_number": value("2024-0812", quote("path", "job_2024_0812")),
                "project_type": value("Residential", said("the Smith residence")),
            },
            "location": {
                "city": value("Austin", said("residence in Austin Texas")),
                "state_region": value("Texas", said("Austin, Texas")),
            },
        }
    )
    assert found.project.customer_name.confidence == 0.9
    assert found.project.job_number.value == "2024-0812"
    assert found.project.job_number.confidence == 0.4
    assert found.project.project_type.value == "residential"
    assert found.location.city.value == "Austin"
    assert (EntityType.CUSTOMER, "Smith") in entities(found)
    assert (EntityType.LOCATION, "Texas") in entities(found)
    assert found.entities[0].sources == (Source.PATH, Source.TRANSCRIPT)


def test_a_guessed_place_is_unknown_and_comes_back_nowhere() -> None:
    found = told(
        {
            "location": {"city": value("Miami", seen("palm trees")), "country": value("USA", said("Austin, Texas"))},
            "keywords": ["miami beach", "grotto"],
            "entities": [{"type": "location", "value": "Miami", "evidence": [seen("palm trees")], "confidence": 1}],
        }
    )
    assert found.location.city.value == found.location.country.value == UNKNOWN
    assert found.keywords == ("grotto",)
    assert entities(found) == []


def test_what_is_recorded_is_a_source_of_its_own() -> None:
    found = told({"location": {"city": value("austin", seen("a sign that reads Austin"))}}, ground(PICTURE))
    assert found.location.city.value == "Austin"
    assert found.location.city.sources == (Source.EXIF, Source.VISUAL)
    assert found.location.coordinates.value == "30.26720, -97.74310"
    assert found.location.coordinates.sources == (Source.EXIF,)
    assert [(day.kind, day.value) for day in found.dates] == [("capture", "2024-08-12")]
    assert (EntityType.EQUIPMENT, "Canon EOS 40D") in entities(found)


def test_a_recorded_place_stands_before_another() -> None:
    found = told({"location": {"city": value("Dallas", seen("a sign that reads Dallas"))}}, ground(PICTURE))
    assert found.location.city.value == "Austin"
    assert told({}, ground(PICTURE)).location.city.value == "Austin"


def test_what_a_film_has_recorded_is_taken_too() -> None:
    found = told({}, ground(film(gps=(1.0, 2.0), captured_at=datetime(2023, 1, 2, tzinfo=UTC))))
    assert found.location.coordinates.known
    assert found.dates[0].value == "2023-01-02"


def test_entities_need_evidence_and_come_once() -> None:
    found = told(
        {
            "entities": [
                {
                    "type": "product",
                    "value": "Genesis Deluxe",
                    "evidence": [seen("a box that reads Genesis Deluxe")],
                    "confidence": 0.8,
                },
                {
                    "type": "product",
                    "value": "GENESIS deluxe",
                    "evidence": [seen("a label: Genesis Deluxe")],
                    "confidence": 0.9,
                },
                {"type": "product", "value": "AquaMax", "evidence": [seen("a box")], "confidence": 0.9},
                {"type": "technique", "value": "boulder setting", "evidence": [said("placed the boulders")], "confidence": 0.7},
                {"type": "equipment", "value": "unknown", "evidence": [seen("x")], "confidence": 0.7},
                {"type": "equipment", "value": "drill", "evidence": [], "confidence": 0.7},
            ]
        }
    )
    assert entities(found) == [(EntityType.PRODUCT, "Genesis Deluxe"), (EntityType.TECHNIQUE, "boulder setting")]
    assert (found.entities[0].confidence, found.entities[0].normalized) == (0.9, "genesis deluxe")
    assert len(found.entities[0].evidence) == 2


def test_people_are_named_by_words_and_never_by_sight() -> None:
    people = [
        {"type": "person", "value": "Smith", "evidence": [said("the Smith residence")], "confidence": 0.6},
        {"type": "person", "value": "John", "evidence": [seen("John waves")], "confidence": 0.6},
        {"type": "person", "value": "Jane", "evidence": [said("the Smith residence")], "confidence": 0.6},
        {"type": "person", "value": "Installer", "evidence": [seen("a man with a drill")], "confidence": 0.6},
    ]
    found = told({"entities": people})
    assert entities(found) == [(EntityType.PERSON, "Smith"), (EntityType.PERSON, "installer")]


def test_keywords_are_lower_case_each_once_and_twenty_at_most() -> None:
    assert told({"keywords": ["Grotto", "grotto", *(f"word {n}" for n in range(30))]}).keywords == (
        "grotto",
        *(f"word {n}" for n in range(19)),
    )


def test_too_few_keywords_are_filled_up_with_what_was_found() -> None:
    answer = {
        "waterfall_classification": {"dimensions": {}, "search_tags": ["rockwork"]},
        "elements": [{"kind": "object", "name": f"thing {n}", "evidence": [seen()], "confidence": 1} for n in range(20)],
        "search_metadata": {"keywords": ["pool"]},
    }
    found = concluded(answer, AnalysisType.CLASSIFICATION, AnalysisType.ELEMENTS).search_metadata.keywords
    assert found == ("pool", "rockwork", *(f"thing {n}" for n in range(6)))


def test_family_and_content_are_those_of_the_classification() -> None:
    answer = {
        "waterfall_classification": {
            "dimensions": {"family": value("Custom Formal", seen())},
            "content_type": value("review", seen()),
        },
        "search_metadata": {
            "water_feature": {
                "family": value("Genesis Formal", seen()),
                "type_keywords": [value("Grotto", seen()), value("grotto", seen())],
            },
            "content": {"content_type": value("comparison", seen())},
        },
    }
    both = concluded(answer, AnalysisType.CLASSIFICATION).search_metadata
    assert (both.water_feature.family.value, both.content.content_type.value) == ("Custom Formal", "review")
    assert [fact.value for fact in both.water_feature.type_keywords] == ["grotto"]
    alone = concluded(answer, AnalysisType.ELEMENTS).search_metadata
    assert (alone.water_feature.family.value, alone.content.content_type.value) == ("Genesis Formal", "comparison")


def test_an_undecided_family_is_unknown() -> None:
    found = concluded({"waterfall_classification": {"dimensions": {}}, "search_metadata": {}}, AnalysisType.CLASSIFICATION)
    assert not found.search_metadata.water_feature.family.known
