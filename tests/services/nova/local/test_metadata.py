from services.nova.analyst import EntityType, SearchMetadata
from services.nova.local.elements import elements
from services.nova.local.metadata import search_metadata
from services.nova.local.waterfall import classifier
from services.nova.provenance import Source
from services.nova.reading import Reading
from tests.support.material import reading


def metadata(file: Reading) -> SearchMetadata:
    return search_metadata(file, classifier().read(file), elements(file))


def test_known_values_become_entities_with_their_sources() -> None:
    file = reading(
        "the crane lifts a genesis kit at the Smith residence, model GN-12.", path="smith_residence/job_2024_0812.mp4"
    )
    found = {(entity.type, entity.normalized): entity for entity in metadata(file).entities}
    assert set(found) == {
        (EntityType.CUSTOMER, "smith"),
        (EntityType.PROJECT, "smith residence"),
        (EntityType.PROJECT, "job 2024 0812"),
        (EntityType.PRODUCT, "genesis kit"),
        (EntityType.MODEL, "gn 12"),
        (EntityType.TECHNIQUE, "crane lift"),
        (EntityType.EQUIPMENT, "crane"),
    }
    assert set(found[EntityType.CUSTOMER, "smith"].sources) == {Source.PATH, Source.TRANSCRIPT}


def test_what_is_unknown_has_no_entity() -> None:
    found = metadata(reading(path="x.mp4"))
    assert found.entities == ()
    assert not found.water_feature.family.known


def test_the_water_feature_is_that_of_the_classification() -> None:
    found = metadata(reading("a genesis of boulders, a waterfall with a sheer descent"))
    assert found.water_feature.family.value == "Genesis Natural"
    assert [fact.value for fact in found.water_feature.type_keywords] == ["waterfall"]
    assert {fact.value for fact in found.water_feature.style_keywords} == {"sheer", "natural"}


def test_content_is_that_of_the_classification() -> None:
    assert metadata(reading("this tutorial is for beginners")).content.skill_level.value == "beginner"
