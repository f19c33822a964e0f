"""Back to an empty platform between tests, faster than starting another."""

import nats.js.errors
from nats.js import JetStreamContext

from shared import bus
from shared.contracts import STREAM
from shared.database import Database

TABLES = (
    "files, jobs, watches, transcripts, analyses, moments, model_calls, model_spending, budgets, model_pace, "
    "catalogue_refreshes, tags, collections, saved_searches, outbox, inbox, dead_letters, bus, audit_log, people, "
    "sign_in_failures, signing_keys, oidc_flows"
)


async def empty_database(database: Database) -> None:
    """Remove every row that a test can have written."""
    async with database.connection() as connection:
        await connection.execute(f"TRUNCATE {TABLES} RESTART IDENTITY CASCADE".encode())


async def fresh_stream(stream: JetStreamContext) -> None:
    """Delete the stream, its consumers and its memory of message ids, and declare it anew."""
    try:
        await stream.delete_stream(STREAM)
    except nats.js.errors.NotFoundError:
        pass
    await bus.declare(stream)
