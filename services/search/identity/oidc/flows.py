"""The rows of sign-ins that were begun at a provider and not finished yet."""

from dataclasses import dataclass, field

from psycopg.rows import class_row

from services.search.identity import tokens
from shared.database import Connection

LIFETIME = 600
"""Seconds that a person has to sign in at the provider."""

BEGIN = """
    INSERT INTO oidc_flows (state_hash, browser_hash, nonce, verifier, redirect_uri, return_to, expires_at)
    VALUES (%(state)s, %(browser)s, %(nonce)s, %(verifier)s, %(redirect_uri)s, %(return_to)s,
            now() + make_interval(secs => %(lifetime)s))
"""

FORGET = "DELETE FROM oidc_flows WHERE expires_at < now()"

TAKE = """
    DELETE FROM oidc_flows WHERE state_hash = %(state)s AND browser_hash = %(browser)s AND expires_at > now()
    RETURNING nonce, verifier, redirect_uri, return_to
"""


@dataclass(frozen=True)
class Flow:
    """What is remembered of a sign-in while the person is at the provider."""

    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str
    return_to: str


async def begin(connection: Connection, flow: Flow, *, state: str, browser: str) -> None:
    """Remember a sign-in, and forget those that were never finished."""
    await connection.execute(FORGET)
    values = {
        "state": tokens.digest(state),
        "browser": tokens.digest(browser),
        "nonce": flow.nonce,
        "verifier": flow.verifier,
        "redirect_uri": flow.redirect_uri,
        "return_to": flow.return_to,
        "lifetime": LIFETIME,
    }
    await connection.execute(BEGIN, values)


async def take(connection: Connection, *, state: str, browser: str) -> Flow | None:
    """The sign-in, for its one end; None if it is unknown, too old, ended before, or another browser's."""
    async with connection.cursor(row_factory=class_row(Flow)) as cursor:
        await cursor.execute(TAKE, {"state": tokens.digest(state), "browser": tokens.digest(browser)})
        return await cursor.fetchone()
