"""The catalogue's refresh: what Bedrock says of its models now, asked by boto3 and kept in Postgres for every process."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import JsonValue

from shared.clock import utc_now
from shared.database import Connection
from shared.errors import Transient
from shared.models.bedrock_settings import BedrockSettings
from shared.models.listing import described

if TYPE_CHECKING:
    from mypy_boto3_bedrock import BedrockClient

PROVIDER = "bedrock"
TIMEOUT = 20.0
"""Seconds for each page: lists come at once or not at all."""

SAVE = """
    INSERT INTO catalogue_refreshes (provider, read_at, models) VALUES (%(provider)s, %(read_at)s, %(models)s)
    ON CONFLICT (provider) DO UPDATE SET read_at = excluded.read_at, models = excluded.models
    WHERE catalogue_refreshes.read_at <= excluded.read_at
"""

SAVED = "SELECT models FROM catalogue_refreshes WHERE provider = %(provider)s"


class NotRefreshed(Transient):
    """Bedrock did not list its models; the catalogue stays as it was."""

    def __init__(self, error: Exception) -> None:
        super().__init__(
            f"Bedrock did not list its models: {error} "
            "It takes AWS credentials that may bedrock:ListFoundationModels and bedrock:ListInferenceProfiles."
        )


async def refreshed(settings: BedrockSettings) -> dict[str, JsonValue]:
    """What Bedrock says of its models in the settings' region, by their ids; raises NotRefreshed."""
    return await asyncio.to_thread(_refreshed, settings)


async def save(connection: Connection, models: Mapping[str, JsonValue], read_at: datetime) -> None:
    """Keep what was said, in place of what was said before."""
    await connection.execute(SAVE, {"provider": PROVIDER, "read_at": read_at, "models": json.dumps(dict(models))})


async def load_saved(connection: Connection) -> dict[str, JsonValue] | None:
    """What was said last, for `catalogue.load`; None if it was never asked."""
    row = await (await connection.execute(SAVED, {"provider": PROVIDER})).fetchone()
    return None if row is None else row[0]


def _refreshed(settings: BedrockSettings) -> dict[str, JsonValue]:
    try:
        client = _client(settings)
        models = client.list_foundation_models(byProvider="Amazon")["modelSummaries"]
        pages = client.get_paginator("list_inference_profiles").paginate(typeEquals="SYSTEM_DEFINED")
        profiles = [profile for page in pages for profile in page["inferenceProfileSummaries"]]
    except (BotoCoreError, ClientError) as error:
        raise NotRefreshed(error) from error
    return described(models, profiles, read_on=utc_now().date(), region=settings.region)


def _client(settings: BedrockSettings) -> "BedrockClient":
    return boto3.client(
        "bedrock",
        region_name=settings.region,
        config=Config(
            retries={"mode": "standard", "total_max_attempts": 3},
            connect_timeout=settings.connect_timeout,
            read_timeout=TIMEOUT,
        ),
    )
