"""Which transcript stands for a file: the same by the function and by the SQL."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from faster_whisper.utils import available_models

from shared.database import Database
from shared.transcripts import BEST_FIRST, BEST_OF_FILE, UNKNOWN, Standing, rank, standing_key
from tests.support.library import add_file

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def standing(number: int, **values: Any) -> Standing:
    plain = {"model": "small", "source": "speech", "task": "transcribe", "chosen": False, "edited": False, "created_at": NOW}
    return Standing(id=UUID(int=number), **{**plain, **values})


RULE = [
    standing(1, model="tiny", task="translate", chosen=True),
    standing(2, model="tiny", edited=True),
    standing(3, source="import", model="import"),
    standing(4, model="large-v3"),
    standing(5, model="Systran/faster-whisper-large-v2"),
    standing(6, model="large-v1"),
    standing(7, model="mobiuslabsgmbh/faster-whisper-large-v3-turbo"),
    standing(8, model="distil-large-v3.5"),
    standing(9, model="faster-distil-whisper-large-v2"),
    standing(10, model="medium.en"),
    standing(11, model="distil-medium.en"),
    standing(12, model="narrators-of-our-own", created_at=NOW + timedelta(seconds=1)),
    standing(14, model="small"),
    standing(13, model="small"),
    standing(15, model="small", created_at=NOW - timedelta(seconds=1)),
    standing(16, model="Base"),
    standing(17, model="tiny.en"),
    standing(18, model="large-v3", task="translate"),
]
"""The best first."""


def test_the_rule() -> None:
    assert sorted(Random(1).sample(RULE, len(RULE)), key=standing_key, reverse=True) == RULE


def test_every_model_of_faster_whisper_has_a_rank() -> None:
    ranks = {model: rank(model) for model in available_models()}
    assert (
        ranks["tiny"] < ranks["base"] < ranks["small"] < ranks["medium"] < ranks["turbo"] < ranks["large-v2"] < ranks["large"]
    )
    assert ranks["large"] == ranks["large-v3"]
    assert [model for model, value in ranks.items() if value == UNKNOWN] == ["small.en", "small"]
    assert rank("database-model") == rank("mediumistic") == UNKNOWN


async def insert(database: Database, standings: list[Standing]) -> UUID:
    """Transcripts of one file; its id."""
    async with database.transaction() as connection:
        event = await add_file(connection)
        for row in standings:
            await connection.execute(
                """
                INSERT INTO transcripts (id, file_id, revision, model, source, task, chosen, language, duration, created_at)
                VALUES (%(id)s, %(file_id)s, 1, %(model)s, %(source)s, %(task)s, %(chosen)s, 'en', 1, %(created_at)s)
                """,
                {**vars(row), "file_id": event.file_id},
            )
            await connection.execute(
                """
                INSERT INTO transcript_segments (transcript_id, position, start_s, end_s, text, locked)
                VALUES (%(id)s, 0, 0, 1, 'said', %(edited)s)
                """,
                vars(row),
            )
    return event.file_id


@pytest.mark.connected
async def test_the_database_keeps_the_same_rule(database: Database) -> None:
    await insert(database, RULE)
    async with database.connection() as connection:
        cursor = await connection.execute(f"SELECT id FROM transcripts ORDER BY {BEST_FIRST}".encode())
        assert [row[0] for row in await cursor.fetchall()] == [one.id for one in RULE]


@pytest.mark.connected
async def test_only_transcripts_of_the_current_content_count(database: Database) -> None:
    file_id = await insert(database, [standing(1), standing(2, model="large")])
    query = f"SELECT ({BEST_OF_FILE}) FROM files WHERE id = %s".encode()
    async with database.connection() as connection:
        cursor = await connection.execute(query, (file_id,))
        assert await cursor.fetchone() == (UUID(int=2),)
        await connection.execute("UPDATE files SET revision = 2")
        cursor = await connection.execute(query, (file_id,))
        assert await cursor.fetchone() == (None,)
        await connection.execute("UPDATE transcripts SET revision = 2 WHERE id = %s", (UUID(int=1),))
        cursor = await connection.execute(query, (file_id,))
        assert await cursor.fetchone() == (UUID(int=1),)
