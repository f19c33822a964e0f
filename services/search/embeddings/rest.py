"""What is still to be embedded before another embedder can serve, and what that costs."""

from dataclasses import dataclass
from decimal import Decimal

from psycopg import sql
from psycopg.rows import class_row

from shared.database import Connection
from shared.embedder import EmbedderSettings
from shared.embedding_requests import LONGEST_TEXT
from shared.minilm import MODEL
from shared.models.catalogue import Model
from shared.models.prices import Usage, cost, media_cost
from shared.models.tokens import text_tokens

EVERY_FILE = sql.SQL("true")

# Each text once: what was embedded for one file is taken over for others.
REST = """
    WITH lacking AS MATERIALIZED (
        SELECT moments.file_id, moments.text FROM moments
        JOIN files ON files.id = moments.file_id AND {selected}
        JOIN embeddings AS old ON old.moment_id = moments.id AND old.model = %(serving)s
        WHERE moments.text <> '' AND NOT EXISTS (
            SELECT FROM embeddings AS new WHERE new.moment_id = moments.id AND new.model = %(building)s
        )
    ), lacking_files AS (SELECT DISTINCT file_id FROM lacking),
    texts AS (SELECT DISTINCT text FROM lacking)
    SELECT (SELECT count(*) FROM lacking_files) AS files, (SELECT count(*) FROM texts) AS texts,
           (SELECT coalesce(sum(least(length(text), %(longest)s)), 0) FROM texts) AS characters,
           (SELECT count(*) FROM lacking_files JOIN renditions USING (file_id) WHERE name = 'image') AS images,
           (SELECT coalesce(sum(renditions.duration), 0) FROM lacking_files JOIN renditions USING (file_id)
            WHERE name = 'proxy') AS video_seconds
"""


@dataclass(frozen=True)
class Rest:
    """Files that lack vectors, and what there is in them: texts that differ, their characters, pictures, seconds of video."""

    files: int
    texts: int
    characters: int
    images: int
    video_seconds: float


async def rest(
    connection: Connection,
    serving: str,
    building: str,
    selected: sql.Composable = EVERY_FILE,
    values: dict[str, object] | None = None,
) -> Rest:
    """What lacks vectors of the embedder that is building, of all files or of those selected."""
    named = {**(values or {}), "serving": serving, "building": building, "longest": LONGEST_TEXT}
    async with connection.cursor(row_factory=class_row(Rest)) as cursor:
        await cursor.execute(sql.SQL(REST).format(selected=selected), named)
        found = await cursor.fetchone()
    assert found is not None
    return found


def price(of: Rest, building: str, model: Model, scope: str, settings: EmbedderSettings) -> Decimal:
    """What the rest costs in USD, about; nothing where it is made on this machine."""
    if building == MODEL:
        return Decimal(0)
    texts = cost(model, Usage(text_tokens(int(of.characters)), 0), scope)
    images = of.images if settings.embed_images else 0
    seconds = of.video_seconds if settings.embed_video else 0.0
    return texts + media_cost(model, images=images, video_seconds=seconds, scope=scope)
