"""GET /api/search on the real database."""

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.search.schemas import Moment, SearchAnswer
from shared.contracts import Kind
from shared.database import Database
from tests.support.footage import add_searchable

pytestmark = pytest.mark.connected


async def library(database: Database) -> None:
    """Two films and a photo."""
    await add_searchable(
        database,
        "Hello and welcome to the garden.",
        "Today we dig the pond with a small excavator.",
        "After lunch the waterfall runs for the first time.",
        path="/home/ann/Clients/Smith Residence/pond build.mp4",
        thumbnail=True,
    )
    await add_searchable(database, "Happy birthday to you.", "Cut the chocolate cake.", path="/home/ann/Birthday/party.mp4")
    await add_searchable(database, path="/home/ann/Photos/Lake Tahoe/DSC_1234.jpg", kind=Kind.IMAGE, camera="Canon EOS R8")


async def ask(http: httpx.AsyncClient, q: str, **options: str | float | list[str]) -> list[Moment]:
    response = await http.get("/api/search", params={"q": q, **options})
    assert response.status_code == 200, response.text
    answer = SearchAnswer.model_validate_json(response.content)
    assert answer.q == q
    assert answer.took_ms > 0
    return answer.moments


async def test_words_are_found_where_they_are_spoken(database: Database, http: httpx.AsyncClient) -> None:
    await library(database)
    first = (await ask(http, "waterfall"))[0]
    assert (first.field, first.start, first.end, first.matched) == ("transcript", 12.0, 16.0, "both")
    assert first.snippet == "After lunch the <mark>waterfall</mark> runs for the first time."
    assert first.thumbnail == f"/api/files/{first.file_id}/renditions/thumbnail"


async def test_other_forms_of_a_word_are_found(database: Database, http: httpx.AsyncClient) -> None:
    await library(database)
    assert "<mark>dig</mark>" in (await ask(http, "digging ponds", semantic="false"))[0].snippet


async def test_a_text_cannot_mark_itself(database: Database, http: httpx.AsyncClient) -> None:
    await add_searchable(database, "The \x02pump\x03 & the <b>waterfall.")
    first = (await ask(http, "waterfall"))[0]
    assert first.snippet.count("<mark>") == 1
    assert "<mark>pump" not in first.snippet
    assert "<b>" not in first.snippet


async def test_meaning_is_found_without_the_words(database: Database, http: httpx.AsyncClient) -> None:
    await library(database)
    first = (await ask(http, "baked dessert"))[0]
    assert (first.matched, first.start) == ("meaning", 6.0)
    assert first.similarity is not None
    assert await ask(http, "baked dessert", semantic="false") == []
    assert await ask(http, "baked dessert", threshold=0.99) == []


async def test_what_nothing_is_about_is_not_found(database: Database, http: httpx.AsyncClient) -> None:
    await library(database)
    assert await ask(http, "dentist appointment") == []


async def test_phrases_and_exclusions_are_kept_to(database: Database, http: httpx.AsyncClient) -> None:
    await library(database)
    assert await ask(http, '"pond the dig"', semantic="false") == []
    assert (await ask(http, '"dig the pond"', semantic="false"))[0].start == 6.0
    assert "transcript" not in {moment.field for moment in await ask(http, "pond -excavator", semantic="false")}


async def test_words_of_several_sentences_lead_to_one_of_them(database: Database, http: httpx.AsyncClient) -> None:
    await library(database)
    first = (await ask(http, "excavator waterfall", semantic="false"))[0]
    assert first.start in (6.0, 12.0)
    assert "<mark>" in first.snippet


async def test_names_are_found_though_misspelt(database: Database, http: httpx.AsyncClient) -> None:
    await library(database)
    assert (await ask(http, "bananas", semantic="false")) == []
    found = await ask(http, "birtday", semantic="false")
    assert [moment.path for moment in found] == ["/home/ann/Birthday/party.mp4"]
    assert found[0].matched == "keyword"


async def test_photos_are_found_by_camera_and_folder(database: Database, http: httpx.AsyncClient) -> None:
    await library(database)
    for q in ("canon", "Tahoe"):
        first = (await ask(http, q))[0]
        assert (first.kind, first.start) == (Kind.IMAGE, None)


async def test_only_the_kinds_asked_for(database: Database, http: httpx.AsyncClient) -> None:
    await library(database)
    assert {moment.kind for moment in await ask(http, "lake garden birthday", kind=["image"])} == {Kind.IMAGE}
    assert {moment.kind for moment in await ask(http, "lake garden birthday", kind=["image", "video"])} == set(Kind) - {
        Kind.AUDIO
    }


async def test_answers_are_few_best_first_and_each_moment_once(database: Database, http: httpx.AsyncClient) -> None:
    await library(database)
    moments = await ask(http, "the garden")
    scores = [moment.score for moment in moments]
    assert scores == sorted(scores, reverse=True)
    assert len({(moment.file_id, moment.start) for moment in moments}) == len(moments)
    assert len(await ask(http, "the garden", limit=1)) == 1


async def test_an_empty_query_is_refused_in_words(http: httpx.AsyncClient) -> None:
    for params in ({"q": ""}, {"q": " \x00"}, {"q": "x" * 10_000}, {}, {"q": "x", "limit": "0"}, {"q": "x", "kind": "film"}):
        response = await http.get("/api/search", params=params)
        assert response.status_code == 422
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["detail"]


STRANGE = [
    '"',
    "''",
    "\\",
    "&|!<->()",
    ":*",
    "the and of",
    "🌊",
    "%00",
    "a" * 2000,
    "'; DROP TABLE files; --",
    "x:ABCD",
    "-",
    '-"a"',
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(STRANGE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
async def test_no_query_is_an_error_of_ours(http: httpx.AsyncClient, q: str) -> None:
    assert (await http.get("/api/search", params={"q": q})).status_code in (200, 422)
