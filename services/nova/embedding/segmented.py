"""Looks at a whole video in one request, which Bedrock answers in the background: started, and paid for, once."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

import structlog
from pydantic import JsonValue

from services.nova.embedding.answers import MANIFEST, RESULT, Segment, Unseen, file_of_pictures, keeping, kept_in, segments
from shared.database import Database
from shared.embedders import Embedders
from shared.errors import Permanent, SpillwayError
from shared.identifiers import derived_id
from shared.models.prices import Usage
from shared.nova_embedder import Charged, NovaEmbedder
from shared.paying import ledger
from shared.paying.calls import Reply

POLL = 5.0
"""Seconds between two looks at work that takes minutes."""

log = structlog.get_logger()

ENDED = "SELECT count(*) FROM model_calls WHERE question = %(question)s AND state = 'answered'"


class Bucket(Protocol):
    """What is needed of the staging bucket."""

    async def put(self, path: Path, key: str, content_type: str) -> str:
        """Store a file; answers with its URI."""
        ...

    async def get(self, uri: str) -> bytes:
        """What is stored there; raises Permanent if nothing is."""
        ...

    async def delete(self, key: str) -> None:
        """Remove what is stored."""
        ...


@dataclass(frozen=True)
class Watched:
    """A video's segments, and the keys of what the job which made them has left."""

    segments: list[Segment]
    staged: list[str]


class Segmented:
    """Starts such jobs, and waits for them.

    The ledger keeps a job's name, so that whoever is killed goes on waiting; once the job is over it keeps what was seen.
    """

    def __init__(self, database: Database, embedders: Embedders, bucket: Bucket, *, poll: float = POLL) -> None:
        self._database = database
        self._embedders = embedders
        self._bucket = bucket
        self._poll = poll

    async def watched(self, embedder: NovaEmbedder, file_id: UUID, clip: Path, seconds: float) -> Watched:
        """The segments of a silent MP4; raises Unseen if there are none, and what the ledger and Bedrock raise."""
        charged, key = await asyncio.to_thread(asked_of, embedder, clip, seconds)
        call = embedder.call(charged, "embedding", file_id)
        answer = await embedder.asker.known(call)
        if answer is None:
            uri = await self._bucket.put(clip, key, "video/mp4")  # before the call is noted: what fails here costs nothing
            token = await self._token(charged.question)

            async def work() -> Reply:
                body, output = embedder.segments_body(uri), uri.removesuffix(".mp4")
                arn = await self._embedders.client.start_async_invoke(call.model_id, body, output, token=token)
                return Reply({"arn": arn}, Usage(0, 0), None, None, None)

            answer = await embedder.asker.ask(call, work, charged.price)
        if kept := _kept(answer.body, embedder.dimensions):
            return kept
        arn = answer.body["arn"] if isinstance(answer.body, dict) else ""
        try:
            found, files = await self._result(str(arn), embedder.dimensions)
            folder = f"{key.removesuffix('.mp4')}/{str(arn).rpartition('/')[2]}"
            entries = keeping(found)
            staged: list[JsonValue] = [key, *(f"{folder}/{name}" for name in files)]
            async with self._database.connection() as connection:
                await ledger.keep_answer(connection, answer.call_id, {"segments": entries, "staged": staged})
            return Watched(kept_in(entries, embedder.dimensions), [str(one) for one in staged])
        except Permanent:  # the job is over, and was in vain: who tries again begins another
            async with self._database.connection() as connection:
                await ledger.forget_answers(connection, [answer.call_id])
            raise

    async def _token(self, question: str) -> str:
        """The same for a job until it is over, so that starting it twice is starting it once."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(ENDED, {"question": question})
            row = await cursor.fetchone()
        return str(derived_id("segments", question, row and row[0]))

    async def tidy(self, keys: Sequence[str]) -> None:
        """Remove what jobs have left, once it is of no more use."""
        for key in keys:
            try:
                await self._bucket.delete(key)
            except SpillwayError as error:  # it costs cents a month
                log.warning("a staged file could not be removed", key=key, reason=str(error))

    async def _result(self, arn: str, dimensions: int) -> tuple[list[Segment], list[str]]:
        client = self._embedders.client
        while (job := await client.get_async_invoke(arn)).state == "InProgress":  # noqa: ASYNC110 - it is not told, only asked
            await asyncio.sleep(self._poll)
        if job.state == "Failed":
            raise Unseen(job.failure or "it does not say why")
        pictures = file_of_pictures(await self._bucket.get(f"{job.output_uri.rstrip('/')}/{arn.rpartition('/')[2]}/{RESULT}"))
        found = segments(await self._bucket.get(pictures), dimensions)
        return found, [RESULT, pictures.rpartition("/")[2], MANIFEST]


def _kept(body: JsonValue, dimensions: int) -> Watched | None:
    """What the ledger keeps of a job that is over."""
    if not isinstance(body, dict) or not isinstance(entries := body.get("segments"), list):
        return None
    staged = body.get("staged")
    return Watched(kept_in(entries, dimensions), [str(one) for one in staged] if isinstance(staged, list) else [])


def asked_of(embedder: NovaEmbedder, clip: Path, seconds: float) -> tuple[Charged, str]:
    """The question about a clip, and the key under which it is staged: both follow from its content."""
    with clip.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return embedder.of_segments(digest, seconds), f"nova/embeddings/{digest}.mp4"
