"""The catalogue's refresh: what Bedrock says of its models now, asked by boto3 and kept in Postgres for every process."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import JsonValue

from shared.bedrock.client import Clients
from shared.clock import utc_now
from shared.database import Connection
from shared.errors import Transient
from shared.models.bedrock_settings import BedrockSettings
from shared.models.listing import described

PROVIDER = "bedrock"

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
        client = Clients(settings).control()
        models = client.list_foundation_models(byProvider="Amazon")["modelSummaries"]
        pages = client.get_paginator("list_inference_profiles").paginate(typeEquals="SYSTEM_DEFINED")
        profiles = [profile for page in pages for profile in page["inferenceProfileSummaries"]]
    except (BotoCoreError, ClientError) as error:
        raise NotRefreshed(error) from error
    return described(models, profiles, read_on=utc_now().date(), region=settings.region)
