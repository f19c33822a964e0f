"""Vectors that were paid for once, as the ledger keeps them: whoever asks here asks for nothing that costs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

from services.nova.embedding.repository import halfvec
from shared import embedding_requests
from shared.database import Connection, Database
from shared.embedding_requests import Purpose
from shared.errors import Permanent
from shared.nova_embedder import NovaEmbedder
from shared.paying import rows
from shared.paying.asking import Price, Work
from shared.paying.calls import Answer, Call

OF_QUESTIONS = """
    SELECT DISTINCT ON (question) question, answer FROM model_calls
    WHERE question = ANY(%(questions)s) AND state = 'answered' AND answer IS NOT NULL ORDER BY question, ended_at DESC
"""

OF_FILE = """
    SELECT FROM model_calls WHERE file_id = %(file_id)s AND purpose = 'embedding' AND state = 'answered' AND answer IS NOT NULL
    LIMIT 1
"""


class NotKept(Permanent):
    """The ledger has no answer to this."""

    def __init__(self) -> None:
        super().__init__("The ledger keeps no answer to this; have the file embedded again.")


class Kept:
    """An asker that answers from the ledger alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def known(self, call: Call) -> Answer | None:
        """The answer that there is; None if there is none."""
        async with self._database.connection() as connection:
            return await rows.answered(connection, call)

    async def ask(self, call: Call, work: Work, price: Price) -> Answer:
        """The same; raises NotKept."""
        if answer := await self.known(call):
            return answer
        raise NotKept


class Sealed:
    """A bucket into which nothing is put, as nothing is asked."""

    async def put(self, path: Path, key: str, content_type: str) -> str:
        """Raise NotKept."""
        raise NotKept

    async def get(self, uri: str) -> bytes:
        """Raise NotKept."""
        raise NotKept

    async def delete(self, key: str) -> None:
        """Raise NotKept."""
        raise NotKept


async def vectors_of_texts(connection: Connection, embedder: NovaEmbedder, texts: Sequence[str]) -> Mapping[str, str]:
    """The vectors that the ledger keeps of texts, as pgvector reads them, by text."""
    questions = {text: embedder.of_text(text, Purpose.STORE).question for text in texts}
    cursor = await connection.execute(OF_QUESTIONS, {"questions": list(questions.values())})
    kept = {question: embedding_requests.told(answer, embedder.dimensions) for question, answer in await cursor.fetchall()}
    return {text: halfvec(kept[question]) for text, question in questions.items() if question in kept}


async def knows_of(connection: Connection, file_id: UUID) -> bool:
    """Whether the ledger keeps any vector that was asked for a file, so that it is worth while to look what of."""
    return (await connection.execute(OF_FILE, {"file_id": file_id})).rowcount > 0
