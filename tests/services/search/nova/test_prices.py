"""Models and prices over REST, and what many files come to together."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.search.nova.groups import Group
from services.search.nova.pricing import SPEECH, Pricing, characters_of, priced, speech_rates, times
from services.search.nova.schemas import EstimateTold, Models
from shared.analyses import AnalysisOptions
from shared.contracts import Kind
from shared.database import Database
from shared.models.bedrock_settings import BedrockSettings
from shared.models.catalogue import load
from shared.models.estimates import estimate, total
from tests.services.search.nova.asking import budget, problem
from tests.support.analysed import add_call, add_run
from tests.support.asking import file_at
from tests.support.bedrock.fake import FakeBedrock

MODEL = load().find("2-lite")
PRICING = Pricing(MODEL, BedrockSettings(), AnalysisOptions(model="2-lite"))
SAVE = "INSERT INTO catalogue_refreshes (provider, read_at, models) VALUES ('bedrock', now(), '{}')"
TRANSCRIPT = """
    WITH told AS (
        INSERT INTO transcripts (id, file_id, revision, model, language, duration)
        VALUES (gen_random_uuid(), %s, 1, 'tiny', 'en', 60) RETURNING id
    )
    INSERT INTO transcript_segments (transcript_id, position, start_s, end_s, text)
    SELECT id, 0, 0, 60, repeat('word ', %s) FROM told
"""


def group(kind: str = "video", files: int = 1, **told: Any) -> Group:
    values = {"answered": False, "duration": 60.0, "width": None, "height": None, "characters": 0.0, "counted": files}
    return Group(kind=kind, files=files, **{**values, **told})


def test_files_that_are_alike_come_to_as_much_as_each_by_itself() -> None:
    one = PRICING.of(group(characters=100.0), 100.0)
    assert one is not None
    assert times(one, 3) == total([one, one, one])


def test_sums_are_by_kind_and_leave_out_what_was_answered() -> None:
    groups = [
        group(files=2),
        group(files=3, answered=True),
        group("image", width=896.0, height=1000.0),
        group(files=4, duration=None),
    ]
    found = priced(groups, PRICING)
    assert (found.files, found.answered, found.unknown) == (10, 3, 4)
    assert [(kind, number) for kind, (number, _) in found.kinds.items()] == [(Kind.VIDEO, 9), (Kind.IMAGE, 1)]
    one = PRICING.of(group(), 0.0)
    assert one is not None
    assert found.kinds[Kind.VIDEO][1] == times(one, 2)
    assert any("3 of 10 files" in note for note in found.notes)
    assert any("4 videos of unknown length" in note for note in found.notes)


def test_what_a_sample_says_by_the_second_stands_for_all() -> None:
    groups = [group(files=10, characters=600.0, counted=2), group(files=5, duration=120.0, characters=None, counted=0)]
    rates = speech_rates(groups)
    assert rates == {"video": 10.0}
    assert [characters_of(one, rates) for one in groups] == [600.0, 1200.0]
    assert speech_rates([group(files=2)]) == {}
    assert speech_rates([group(files=2, counted=0, characters=None)]) == {"video": SPEECH}


@pytest.mark.connected
class TestRoutes:
    @pytest.fixture
    async def library(self, database: Database) -> dict[str, UUID]:
        async with database.transaction() as connection:
            files = {
                "film": await file_at(connection, "/a/film.mp4", duration=600.0),
                "clip": await file_at(connection, "/a/clip.mp4", duration=10.0),
                "photo": await file_at(connection, "/b/photo.jpg", Kind.IMAGE),
            }
            await connection.execute(TRANSCRIPT, (files["clip"], 100))
            await connection.execute("UPDATE files SET width = 4000, height = 3000 WHERE kind = 'image'")
        return files

    async def ask(self, http: httpx.AsyncClient, **body: Any) -> EstimateTold:
        response = await http.post("/api/nova/estimate-cost", json=body)
        assert response.status_code == 200, response.text
        return EstimateTold.model_validate_json(response.content)

    async def test_the_catalogue_says_what_each_model_can_do(self, paid: httpx.AsyncClient) -> None:
        told = Models.model_validate_json((await paid.get("/api/nova/models")).content)
        models = {model.key: model for model in told.models}
        assert {"lite", "pro", "2-lite", "2-pro-preview", "micro", "premier"} <= set(models)
        assert (told.default, told.scope, models["2-lite"].default) == ("2-lite", "us", True)
        assert models["2-lite"].price is not None
        assert (models["2-lite"].price.input, models["2-lite"].price.output) == ("0.33", "2.75")
        assert not models["premier"].usable
        assert "retired" in (models["premier"].why_not or "")
        assert models["micro"].usable
        assert models["micro"].analyses[Kind.VIDEO] == ["transcript_summary"]
        images = Models.model_validate_json((await paid.get("/api/nova/image/models")).content)
        [micro] = [model for model in images.models if model.key == "micro"]
        assert (micro.usable, "images" in (micro.why_not or "")) == (False, True)

    async def test_without_credentials_the_default_is_local(self, http: httpx.AsyncClient) -> None:
        told = Models.model_validate_json((await http.get("/api/nova/models")).content)
        assert (told.default, told.local, [model.key for model in told.models if model.default]) == ("local", True, [])

    async def test_what_the_provider_says_is_read_when_it_was_asked(self, database: Database, paid: httpx.AsyncClient) -> None:
        assert (await paid.get("/api/nova/models")).json()["refreshed_at"] is None
        async with database.transaction() as connection:
            await connection.execute(SAVE)
        assert (await paid.get("/api/nova/models")).json()["refreshed_at"] is not None

    async def test_the_provider_is_asked_what_it_has(self, paid: httpx.AsyncClient, bedrock: FakeBedrock) -> None:
        response = await paid.post("/api/nova/models/refresh", json={})
        assert response.status_code == 200, response.text
        assert Models.model_validate_json(response.content).refreshed_at is not None
        assert "ListFoundationModels" in {call.operation for call in bedrock.calls}

    async def test_a_provider_that_does_not_answer_changes_nothing(
        self, paid: httpx.AsyncClient, bedrock: FakeBedrock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK", "http://127.0.0.1:9")
        assert "did not list its models" in await problem(await paid.post("/api/nova/models/refresh", json={}), 503)
        assert (await paid.get("/api/nova/models")).json()["refreshed_at"] is None

    async def test_a_described_video_is_priced(self, paid: httpx.AsyncClient) -> None:
        told = await self.ask(paid, video_duration_seconds=600, analysis_types=["summary"], transcript_characters=0)
        assert (told.model, told.input_tokens_by_modality.video, told.files) == ("2-lite", 172800, 1)
        assert told.usd_high >= told.usd_low > 172800 * 0.33 / 1e6
        assert told.batch_usd_high == pytest.approx(told.usd_high / 2, rel=1e-3)
        assert told.prices_as_of is not None
        spoken = await self.ask(paid, video_duration_seconds=600, analysis_types=["summary"])
        assert spoken.input_tokens > told.input_tokens
        assert any("speaks without a pause" in note for note in spoken.notes)
        image = await self.ask(paid, kind="image", width=900, height=900)
        assert image.input_tokens_by_modality.image > 500

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            ({}, "in one way"),
            ({"filter": {}, "video_duration_seconds": 5}, "in one way"),
            ({"video_duration_seconds": 5, "model": "micro"}, "cannot look at a video"),
            ({"video_duration_seconds": 5, "model": "premier"}, "successor"),
            ({"video_duration_seconds": 5, "analysis_types": ["description"]}, "about a video"),
            ({"kind": "video"}, "length of the video is not known"),
            ({"video_duration_seconds": 5, "options": {"colour": 1}}, "no analysis option"),
        ],
    )
    async def test_what_cannot_be_priced_is_refused_in_words(
        self, paid: httpx.AsyncClient, body: dict[str, Any], told: str
    ) -> None:
        assert told in await problem(await paid.post("/api/nova/estimate-cost", json=body), 422)

    async def test_files_are_priced_each_and_together(
        self, database: Database, paid: httpx.AsyncClient, library: dict[str, UUID]
    ) -> None:
        await budget(database, "daily", 1)
        async with database.transaction() as connection:
            await add_run(connection, library["film"])
            await add_call(connection, usd=0.25, at=datetime.now(UTC))
        told = await self.ask(paid, file_ids=[str(one) for one in library.values()])
        assert (told.files, told.cached_files) == (3, 1)
        assert told.per_file is not None
        assert [(one.path, one.cached, one.usd_high > 0) for one in told.per_file] == [
            ("/a/clip.mp4", False, True),
            ("/a/film.mp4", True, False),
            ("/b/photo.jpg", False, True),
        ]
        assert told.usd_high == pytest.approx(sum(one.usd_high for one in told.per_file), abs=5e-6)
        assert told.by_kind[Kind.VIDEO].files == 2
        [left] = told.budgets
        assert (left.name, left.left, left.enough) == ("daily", 0.75, True)
        assert left.left_after == pytest.approx(0.75 - told.usd_high, abs=1e-6)
        said = await self.ask(paid, video_duration_seconds=10, transcript_characters=500)
        [clip] = [one for one in told.per_file if one.path == "/a/clip.mp4"]
        assert (clip.input_tokens, clip.usd_high) == (said.input_tokens, said.usd_high)

    async def test_rules_over_words_cost_nothing(self, http: httpx.AsyncClient, library: dict[str, UUID]) -> None:
        told = await self.ask(http, filter={})
        assert (told.model, told.files, told.usd_high, told.prices_as_of) == ("local", 3, 0.0, None)
        assert "cost nothing" in told.notes[0]

    async def test_many_files_are_within_two_per_cent_of_each_by_itself(
        self, database: Database, paid: httpx.AsyncClient
    ) -> None:
        lengths = [3.0 + 1.7 * place**1.3 for place in range(150)]
        async with database.transaction() as connection:
            for place, length in enumerate(lengths):
                file_id = await file_at(connection, f"/many/{place}.mp4", duration=length)
                await connection.execute(TRANSCRIPT, (file_id, int(length)))
        told = await self.ask(paid, filter={"folder": "/many"})
        exact = total([one for length in lengths if (one := PRICING.of(group(duration=length), 5.0 * int(length))) is not None])
        assert told.files == 150
        assert told.usd_high == pytest.approx(float(exact.usd_high), rel=0.02)
        assert told.input_tokens == pytest.approx(exact.input_tokens.total, rel=0.02)
        assert any("within 2 %" in note for note in told.notes)

    async def test_an_image_is_priced_at_the_size_that_a_model_sees(
        self, paid: httpx.AsyncClient, library: dict[str, UUID]
    ) -> None:
        told = await self.ask(paid, file_ids=[str(library["photo"])], model="lite")
        shrunk = await self.ask(paid, kind="image", width=1195, height=896, model="lite")
        assert told.input_tokens_by_modality.image == shrunk.input_tokens_by_modality.image


def test_an_estimate_is_by_the_model_s_own_rules() -> None:
    question = PRICING.question(group(duration=10.0), 0.0)
    assert PRICING.of(group(duration=10.0), 0.0) == estimate(MODEL, "us", question)
