"""The pace at which all processes together ask a model, as its row of `model_pace`."""

import random
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from shared.database import Connection
from shared.errors import Throttled
from shared.paying.pace_rules import LONGEST, faster, is_news, slower, waiting

PACE = """
    SELECT spacing_s AS spacing, throttled_at, extract(epoch FROM next_at - clock_timestamp())::float8 AS free_in
    FROM model_pace WHERE model_id = %(model_id)s FOR UPDATE
"""

TAKE = "UPDATE model_pace SET next_at = clock_timestamp() + make_interval(secs => spacing_s) WHERE model_id = %(model_id)s"

SLOW = """
    INSERT INTO model_pace (model_id, spacing_s, next_at, throttled_at)
    VALUES (%(model_id)s, %(spacing)s, clock_timestamp() + make_interval(secs => %(delay)s), clock_timestamp())
    ON CONFLICT (model_id) DO UPDATE SET spacing_s = excluded.spacing_s, throttled_at = excluded.throttled_at,
        next_at = greatest(model_pace.next_at, excluded.next_at)
"""

EASE = "UPDATE model_pace SET spacing_s = %(spacing)s WHERE model_id = %(model_id)s"


@dataclass(frozen=True)
class Pace:
    """How far apart a model's calls are, in seconds, and in how many it may be asked next."""

    spacing: float
    throttled_at: datetime | None
    free_in: float


async def of_model(connection: Connection, model_id: str) -> Pace:
    """A model's pace; its row, if there is one, is locked until the transaction ends."""
    async with connection.cursor(row_factory=class_row(Pace)) as cursor:
        await cursor.execute(PACE, {"model_id": model_id})
        return await cursor.fetchone() or Pace(0.0, None, 0.0)


async def take(connection: Connection, model_id: str) -> None:
    """Take the model's next turn; raises Throttled while it is not there yet."""
    pace = await of_model(connection, model_id)
    if pace.free_in > 0:
        delay = waiting(pace.free_in, pace.spacing, random.random())  # noqa: S311 - no secret
        raise Throttled(f"{model_id} takes no more calls for now; it is asked again in {delay:.1f} seconds.", delay)
    if pace.spacing > 0:
        await connection.execute(TAKE, {"model_id": model_id})


async def slow_down(connection: Connection, model_id: str, begun_at: datetime, least: float) -> float:
    """Take note that the provider refused a call begun then; answers with the seconds to wait, not less than `least`."""
    pace = await of_model(connection, model_id)
    spacing = slower(pace.spacing) if is_news(begun_at, pace.throttled_at) else pace.spacing
    delay = waiting(max(spacing, least), spacing, random.random())  # noqa: S311 - no secret
    await connection.execute(SLOW, {"model_id": model_id, "spacing": min(spacing, LONGEST), "delay": delay})
    return delay


async def ease(connection: Connection, model_id: str) -> None:
    """Take note that the provider answered."""
    pace = await of_model(connection, model_id)
    if pace.spacing > 0:
        await connection.execute(EASE, {"model_id": model_id, "spacing": faster(pace.spacing)})
