"""The catalogue asks Bedrock over HTTP, and keeps what it says in Postgres."""

from datetime import UTC, date, datetime, timedelta

import pytest

from shared.database import Database
from shared.models import refresh
from shared.models.bedrock_settings import BedrockSettings
from shared.models.catalogue import Status, load
from tests.support.bedrock.fake import FakeBedrock
from tests.support.bedrock.fixtures import bedrock

__all__ = ["bedrock"]

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def test_it_asks_for_models_and_profiles(bedrock: FakeBedrock) -> None:
    found = await refresh.refreshed(BedrockSettings())
    assert [call.operation for call in bedrock.calls] == ["ListFoundationModels", "ListInferenceProfiles"]
    assert not bedrock.billed
    catalogue, before = load(refreshed=found), load()
    assert set(catalogue.models) == set(before.models)
    assert catalogue.find("premier").lifecycle.status is Status.LEGACY
    assert catalogue.find("premier").lifecycle.retired(date(2026, 11, 20))
    for key in ("lite", "pro", "micro", "2-lite"):
        model = catalogue.find(key)
        assert model.lifecycle.source == "ListFoundationModels in us-east-1"
        assert (model.profiles, model.modalities, model.prices) == (
            before.find(key).profiles,
            before.find(key).modalities,
            before.find(key).prices,
        )


async def test_every_page_is_read(bedrock: FakeBedrock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.bedrock.control.PAGE", 2)
    found = await refresh.refreshed(BedrockSettings())
    assert len([call for call in bedrock.calls if call.operation == "ListInferenceProfiles"]) > 2
    assert found["amazon.nova-2-lite-v1:0"]["profiles"] == {  # type: ignore[index, call-overload]
        "global": "global.amazon.nova-2-lite-v1:0",
        "us": "us.amazon.nova-2-lite-v1:0",
    }


async def test_a_refusal_says_what_it_takes(bedrock: FakeBedrock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(refresh.NotRefreshed, match="AWS credentials that may bedrock:ListFoundationModels"):
        await refresh.refreshed(BedrockSettings())


async def test_without_credentials_nothing_is_asked(bedrock: FakeBedrock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(refresh.NotRefreshed, match="Unable to locate credentials"):
        await refresh.refreshed(BedrockSettings())
    assert not bedrock.calls


@pytest.mark.connected
async def test_what_was_said_is_kept_until_more_is_said(database: Database) -> None:
    async with database.connection() as connection:
        assert await refresh.load_saved(connection) is None
        await refresh.save(connection, {"a": {"name": "first"}}, NOW)
        assert await refresh.load_saved(connection) == {"a": {"name": "first"}}
        await refresh.save(connection, {"b": {}}, NOW + timedelta(hours=1))
        await refresh.save(connection, {"a": {"name": "late"}}, NOW)
        assert await refresh.load_saved(connection) == {"b": {}}


@pytest.mark.connected
async def test_what_is_kept_makes_the_catalogue(database: Database, bedrock: FakeBedrock) -> None:
    found = await refresh.refreshed(BedrockSettings())
    async with database.connection() as connection:
        await refresh.save(connection, found, NOW)
        assert load(refreshed=await refresh.load_saved(connection)) == load(refreshed=found)
