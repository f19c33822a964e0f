"""Who can be asked what: refusals that say why, and what to do instead."""

from datetime import date

import pytest

from shared.analyses import EVERYTHING, STILL, TIMED, AnalysisType
from shared.contracts.event import Kind
from shared.errors import Invalid
from shared.models.capabilities import require, require_in_service, require_room
from shared.models.catalogue import Lifecycle, Status, load

CATALOGUE = load()
TODAY = date(2026, 11, 20)
HEARD = (AnalysisType.TRANSCRIPT_SUMMARY,)


@pytest.mark.parametrize("key", ["lite", "pro", "2-lite", "2-pro-preview"])
@pytest.mark.parametrize("kind", Kind)
def test_models_that_look_can_be_asked_everything(key: str, kind: Kind) -> None:
    require(CATALOGUE.find(key), kind, EVERYTHING[kind], TODAY)


@pytest.mark.parametrize(
    ("kind", "types", "sentence"),
    [
        (
            Kind.VIDEO,
            TIMED,
            "Nova Micro takes text only, no video, so it cannot look at a video. Choose a model that can, as 2-lite.",
        ),
        (Kind.VIDEO, (*HEARD, AnalysisType.SUMMARY), "no video, so it cannot look at a video"),
        (Kind.IMAGE, STILL, "no images, so it cannot look at an image"),
    ],
)
def test_a_model_of_text_looks_at_nothing(kind: Kind, types: tuple[AnalysisType, ...], sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        require(CATALOGUE.find("micro"), kind, types, TODAY)


@pytest.mark.parametrize(("kind", "types"), [(Kind.VIDEO, HEARD), (Kind.AUDIO, TIMED), (Kind.AUDIO, HEARD)])
def test_a_model_of_text_reads_what_was_said(kind: Kind, types: tuple[AnalysisType, ...]) -> None:
    require(CATALOGUE.find("micro"), kind, types, TODAY)


def test_a_retired_model_is_refused_with_its_successor() -> None:
    with pytest.raises(Invalid, match=r"Premier was retired on 2026-09-14, and calls to it fail\. Use its successor 2-lite"):
        require(CATALOGUE.find("premier"), Kind.VIDEO, TIMED, TODAY)


def test_a_legacy_model_is_asked_until_it_ends() -> None:
    life = Lifecycle(status=Status.LEGACY, ends_on=date(2027, 1, 31), read_on=TODAY, source="a page")
    lite = CATALOGUE.find("lite").model_copy(update={"lifecycle": life})
    require_in_service(lite, date(2027, 1, 30))
    with pytest.raises(Invalid, match=r"retired on 2027-01-31, and calls to it fail\. Choose another model"):
        require_in_service(lite, date(2027, 1, 31))


def test_embeddings_answer_no_questions() -> None:
    with pytest.raises(Invalid, match="makes embeddings and answers no questions"):
        require(CATALOGUE.find("nova-embed"), Kind.IMAGE, STILL, TODAY)
    require_in_service(CATALOGUE.find("nova-embed"), TODAY)


def test_a_model_without_a_price_is_not_asked() -> None:
    free = CATALOGUE.find("lite").model_copy(update={"prices": None})
    with pytest.raises(
        Invalid, match=r"No price is known of Nova Lite, so it is not asked\. Add its prices under models\.lite\.prices"
    ):
        require(free, Kind.VIDEO, TIMED, TODAY)


def test_a_request_has_to_fit() -> None:
    require_room(CATALOGUE.find("micro"), 128_000)
    with pytest.raises(Invalid, match="about 128001 tokens, and Nova Micro takes at most 128000"):
        require_room(CATALOGUE.find("micro"), 128_001)
