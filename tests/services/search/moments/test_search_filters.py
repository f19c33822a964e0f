"""Filters, fields in the query, facets, sorting and pages of GET /api/search, on the real database."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.search.moments import comparing
from services.search.moments.grammar import FILE_FIELDS, TEXT_FIELDS
from services.search.schemas import SearchAnswer
from shared.contracts import Stage
from shared.database import Database
from tests.support.searching import CLIENTS, library

pytestmark = pytest.mark.connected


async def ask(http: httpx.AsyncClient, q: str = "", **options: Any) -> SearchAnswer:
    response = await http.get("/api/search", params={"q": q, **options})
    assert response.status_code == 200, response.text
    return SearchAnswer.model_validate_json(response.content)


async def files(database: Database, http: httpx.AsyncClient, q: str = "", **options: Any) -> set[str]:
    """Short names of the files that answer."""
    names = {file_id: name for name, file_id in (await library(database)).items()}
    return {names[file.id] for file in (await ask(http, q, **options)).files}


FILTERED: list[tuple[dict[str, Any], set[str]]] = [
    ({"kind": "image"}, {"photo"}),
    ({"captured_from": "2024-01-01T00:00:00Z"}, {"smith", "photo"}),
    ({"captured_from": "2024-01-01T00:00:00Z", "captured_to": "2024-09-01T10:00:00Z"}, {"smith"}),
    ({"duration_min": 30, "duration_max": 59}, {"jones"}),
    ({"size_min": 1000, "size_max": 1999}, {"smith"}),
    ({"folder": CLIENTS}, {"smith", "jones"}),
    ({"folder": f"{CLIENTS}/Jones 50%"}, {"jones"}),
    ({"folder": f"{CLIENTS}/Jones 50_"}, set()),
    ({"language": "DE"}, {"jones"}),
    ({"language": ["de", "en"]}, {"smith", "jones", "party"}),
    ({"camera": "canon"}, {"smith", "photo"}),
    ({"near": "47.37,8.54,3"}, {"smith", "jones"}),
    ({"near": "47.37,8.54,0.5"}, {"smith"}),
    ({"near": "47.37,8.54,1.2"}, {"smith"}),
    ({"near": "-33.9,151.2,20"}, {"photo"}),
    ({"has": "transcript"}, {"smith", "jones", "party"}),
    ({"has_not": "transcript"}, {"photo"}),
    ({"has": "embedding"}, {"smith", "jones", "party", "photo"}),
    ({"has": "failed"}, set()),
    ({"has": ["chapters", "transcript"], "camera": "gopro"}, {"jones"}),
    ({"family": "custom natural  STONE"}, {"smith"}),
    ({"family": "custom"}, set()),
    ({"type": ["Grotto with Slide", "Waterfall"]}, {"smith", "jones", "photo"}),
    ({"project": "JOB_2024_0812"}, {"smith"}),
]


@pytest.mark.parametrize(("options", "expected"), FILTERED, ids=[str(options) for options, _ in FILTERED])
async def test_only_files_that_fit_the_filter(
    database: Database, http: httpx.AsyncClient, options: dict[str, Any], expected: set[str]
) -> None:
    assert await files(database, http, **options) == expected


FIELDS = [
    ("camera:canon waterfall", {"smith", "photo"}),
    ("waterfall -camera:canon", {"jones"}),
    ("family:stone", {"smith"}),
    ("-family:stone kind:video", {"jones", "party"}),
    ("path:50%", {"jones"}),
    ("path:5_%", set()),
    ("name:grotto", {"smith"}),
    ('folder:"/home/ann/Clients"', {"smith", "jones"}),
    ("said:waterfall", {"smith", "jones"}),
    ('said:"waterfall is dry"', {"jones"}),
    ("language:de", {"jones"}),
    ("kind:sculpture", set()),
    ("excav*", {"jones"}),
    ("said:waterf* -pu*", {"smith"}),
]


@pytest.mark.parametrize(("q", "expected"), FIELDS)
async def test_fields_are_understood(database: Database, http: httpx.AsyncClient, q: str, expected: set[str]) -> None:
    assert await files(database, http, q, semantic="false") == expected


async def test_what_is_excluded_is_not_found_by_meaning_either(database: Database, http: httpx.AsyncClient) -> None:
    await library(database)
    assert any("cake" in moment.snippet for moment in (await ask(http, "baked dessert")).moments)
    assert not any("cake" in moment.snippet for moment in (await ask(http, "baked dessert -chocolate")).moments)


async def test_only_the_texts_that_are_named_are_looked_at(database: Database, http: httpx.AsyncClient) -> None:
    await library(database)
    for q in ("element:waterfall", "chapter:waterfall", 'chapter:"a digging machine"'):
        fields = {moment.field for moment in (await ask(http, q, threshold=-1)).moments}
        assert fields == {q.partition(":")[0]}


async def test_words_of_any_length_are_answered(http: httpx.AsyncClient) -> None:
    for q in ("é" * 2000, "é" * 1999 + "*", '"' + "🌊é" * 900 + '"', "-" + "é" * 1999, "camera:" + "é" * 1990):
        await ask(http, q, semantic="false", facets="true")


@pytest.mark.parametrize("few", [0, 10_000])
async def test_meaning_keeps_to_the_filter_by_the_index_and_without_it(
    database: Database, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(comparing, "FEWEST", few)
    ids = await library(database)
    answer = await ask(http, "water running down", threshold=-1, camera="gopro")
    assert [file.id for file in answer.files] == [ids["jones"]]
    assert all(moment.matched != "keyword" for moment in answer.moments)
    assert not (await ask(http, "water running down", threshold=-1, camera="nikon")).files


async def test_what_is_not_understood_is_told(database: Database, http: httpx.AsyncClient) -> None:
    await library(database)
    answer = await ask(http, 'lens:50mm "waterfall', semantic="false")
    assert "no field lens:" in (answer.note or "")
    assert "quotation mark" in (answer.note or "")
    assert "no word" in ((await ask(http, "-")).note or "")


async def test_files_hold_their_best_moments(database: Database, http: httpx.AsyncClient) -> None:
    ids = await library(database)
    answer = await ask(http, "waterfall")
    smith = next(file for file in answer.files if file.id == ids["smith"])
    best = smith.moments[0]
    assert (smith.duration, smith.score) == (60.0, best.score)
    assert smith.thumbnail == f"/api/files/{smith.id}/renditions/thumbnail"
    assert best.link == f"/?file={smith.id}&t={best.start}"
    assert "<mark>waterfall</mark>" in best.snippet
    assert sum(part.share for part in best.parts.values()) == pytest.approx(best.score, abs=0.001)
    assert [file.score for file in answer.files] == sorted((file.score for file in answer.files), reverse=True)


async def test_facets_count_everything_that_matches(database: Database, http: httpx.AsyncClient) -> None:
    await library(database)
    facets = (await ask(http, "waterfall", semantic="false", facets="true", limit=1)).facets
    assert facets is not None
    counts = {field: {value.value: value.files for value in values} for field, values in facets.values.items()}
    assert facets.files == 3
    assert counts["kind"] == {"video": 2, "image": 1}
    assert counts["camera"] == {"Canon EOS R8": 2, "GoPro HERO12": 1}
    assert counts["year"] == {"2024": 2, "2023": 1}
    assert counts["language"] == {"en": 1, "de": 1}
    assert counts["family"] == {"Custom Natural Stone": 1}
    only = (await ask(http, "waterfall", semantic="false", facets="true", kind="image")).facets
    assert only is not None
    assert only.files == 1
    assert (await ask(http, "waterfall")).facets is None


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("captured", ["photo", "smith", "jones", "party"]),
        ("duration", ["smith", "jones", "party", "photo"]),
        ("path", ["party", "jones", "smith", "photo"]),
    ],
)
async def test_sorted_lists_have_pages(database: Database, http: httpx.AsyncClient, sort: str, expected: list[str]) -> None:
    names = {file_id: name for name, file_id in (await library(database)).items()}
    seen: list[str] = []
    options: dict[str, Any] = {"sort": sort, "has": "embedding", "limit": 1}
    while True:
        answer = await ask(http, **options)
        seen += [names[file.id] for file in answer.files]
        assert all(file.moments for file in answer.files), "each is told by something"
        if answer.next_cursor is None:
            break
        options["cursor"] = answer.next_cursor
    assert seen == expected


async def test_sorted_lists_have_only_files_with_the_words(database: Database, http: httpx.AsyncClient) -> None:
    ids = await library(database)
    answer = await ask(http, "waterfall", sort="captured")
    assert [file.id for file in answer.files] == [ids["photo"], ids["smith"], ids["jones"]]
    assert all("<mark>" in file.moments[0].snippet for file in answer.files)


async def test_pages_by_relevance_have_each_file_once(database: Database, http: httpx.AsyncClient) -> None:
    await library(database)
    whole = await ask(http, "waterfall", threshold=0)
    assert len(whole.files) == 4
    assert whole.next_cursor is None
    seen: list[UUID] = []
    options: dict[str, Any] = {"threshold": 0, "limit": 1}
    while True:
        page = await ask(http, "waterfall", **options)
        seen += [file.id for file in page.files]
        if page.next_cursor is None:
            break
        options["cursor"] = page.next_cursor
    assert seen == [file.id for file in whole.files]


async def test_what_failed_can_be_asked_for(database: Database, http: httpx.AsyncClient) -> None:
    ids = await library(database)
    async with database.connection() as connection:
        failed = "UPDATE file_stages SET state = 'failed' WHERE file_id = %s AND stage = %s"
        await connection.execute(failed, (ids["party"], Stage.PROXY))
    assert [file.id for file in (await ask(http, has="failed")).files] == [ids["party"]]


@pytest.mark.parametrize(
    "params",
    [
        {"near": "47,8"},
        {"near": "91,8,1"},
        {"near": "nan,8,1"},
        {"q": "a", "cursor": "bm9uZQ=="},
        {"q": "a", "cursor": "ä"},
        {"q": "a", "sort": "weight"},
        {"has": "wings"},
        {"captured_from": "2024-01-01"},
        {"captured_from": "0001-01-01T00:00:00Z"},
        {"duration_min": "inf"},
    ],
)
async def test_what_cannot_be_read_is_refused_in_words(http: httpx.AsyncClient, params: dict[str, str]) -> None:
    response = await http.get("/api/search", params=params)
    assert response.status_code == 422
    assert response.json()["detail"]


PIECES = [
    *(f"{field}:" for field in (*FILE_FIELDS, *TEXT_FIELDS)),
    '"',
    "-",
    "*",
    " ",
    "'",
    "\\",
    "%",
    "%s",
    "pond",
    "é",
    ")",
    "&",
    "_",
]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map("".join))
async def test_no_query_is_an_error_of_ours(http: httpx.AsyncClient, q: str) -> None:
    for options in ({}, {"sort": "path", "facets": "true"}):
        response = await http.get("/api/search", params={"q": q, "semantic": "false", "family": "50%", **options})
        assert response.status_code in (200, 422), response.text
