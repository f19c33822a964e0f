"""The rows of failed sign-ins: each try counts as one until it has succeeded, so that many at once are no way around."""

from datetime import datetime, timedelta

from services.search.identity.waits import FORGOTTEN, PATIENCE, Kind, counted
from shared.database import Connection

# What somebody else is just counting is left to the next who forgets: waiting for it in another order would be a deadlock.
FORGET = """
    DELETE FROM sign_in_failures WHERE (kind, who) IN (
        SELECT kind, who FROM sign_in_failures WHERE failed_at < %(before)s LIMIT 100 FOR UPDATE SKIP LOCKED)
"""

# One row for each kind, locked in this order by everybody. A row that was there is only locked.
LOCK = """
    INSERT INTO sign_in_failures (kind, who, failures, failed_at, blocked_until)
    VALUES (%(kind)s, %(who)s, 0, %(now)s, %(now)s)
    ON CONFLICT (kind, who) DO UPDATE SET failures = sign_in_failures.failures
    RETURNING failures, blocked_until
"""

COUNT = """
    UPDATE sign_in_failures SET failures = failures + 1, failed_at = %(now)s, blocked_until = %(until)s
    WHERE kind = %(kind)s AND who = %(who)s
"""

CLEAR = "DELETE FROM sign_in_failures WHERE kind = 'pair' AND who = %(who)s"
TAKE_BACK = """
    UPDATE sign_in_failures SET failures = greatest(0, failures - 1), blocked_until = %(now)s
    WHERE kind = %(kind)s AND who = %(who)s
"""

# Where somebody has signed in before, tries from elsewhere do not keep him waiting.
AT_HOME = """
    SELECT EXISTS (SELECT FROM sessions JOIN people ON people.id = person_id
                   WHERE name = %(name)s AND address = %(address)s AND sessions.created_at > %(since)s)
"""
LATELY = timedelta(days=30)


async def begin(connection: Connection, name: str, address: str, now: datetime) -> timedelta:
    """Count a try, unless it has to wait: then how long, and nothing is counted. Zero if it may be made now."""
    await connection.execute(FORGET, {"before": now - FORGOTTEN})
    subjects = counted(name, address)
    standing = {kind: await _locked(connection, kind, who, now) for kind, who in subjects.items()}
    at_home = await _is_at_home(connection, name, address, now)
    waits = [until - now for kind, (_, until) in standing.items() if not (at_home and kind is Kind.NAME)]
    if (longest := max(waits)) > timedelta():
        return longest
    for kind, who in subjects.items():
        until = now + PATIENCE[kind].wait(standing[kind][0] + 1)
        await connection.execute(COUNT, {"kind": kind, "who": who, "now": now, "until": until})
    return timedelta()


async def succeed(connection: Connection, name: str, address: str, now: datetime) -> None:
    """Take the try back: this name from this address begins anew, and name and address have failed once less."""
    subjects = counted(name, address)
    for kind in (Kind.ADDRESS, Kind.NAME):
        await connection.execute(TAKE_BACK, {"kind": kind, "who": subjects[kind], "now": now})
    await connection.execute(CLEAR, {"who": subjects[Kind.PAIR]})


async def _locked(connection: Connection, kind: Kind, who: bytes, now: datetime) -> tuple[int, datetime]:
    row = await (await connection.execute(LOCK, {"kind": kind, "who": who, "now": now})).fetchone()
    assert row is not None
    return row[0], row[1]


async def _is_at_home(connection: Connection, name: str, address: str, now: datetime) -> bool:
    values = {"name": name, "address": address, "since": now - LATELY}
    row = await (await connection.execute(AT_HOME, values)).fetchone()
    assert row is not None
    return bool(row[0])
