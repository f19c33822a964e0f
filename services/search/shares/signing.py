"""The key with which links are signed: one for the installation, made once, and read once by each process."""

import secrets
from uuid import UUID

from services.search.shares.tokens import share_of, token_of
from shared.database import Connection, Database

NAME = "shares"
BYTES = 32

# Of two gateways that start at once, one makes it and the other one waits for the row.
MAKE = "INSERT INTO signing_keys (name, secret) VALUES (%(name)s, %(secret)s) ON CONFLICT (name) DO NOTHING"
READ = "SELECT secret FROM signing_keys WHERE name = %(name)s"


class Signer:
    """Makes tokens and checks them; asks Postgres for the key at the first of them, and for nothing afterwards."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._secret: bytes | None = None

    async def token_of(self, share_id: UUID) -> str:
        """The token of a link."""
        return token_of(share_id, await self._key())

    async def share_of(self, token: str) -> UUID | None:
        """The link whose token it is; None for one that this installation has not made."""
        return share_of(token, await self._key())

    async def _key(self) -> bytes:
        if self._secret is None:
            async with self._database.connection() as connection:
                self._secret = await key(connection)
        return self._secret


async def key(connection: Connection) -> bytes:
    """The installation's key, made if there is none yet."""
    await connection.execute(MAKE, {"name": NAME, "secret": secrets.token_bytes(BYTES)})
    row = await (await connection.execute(READ, {"name": NAME})).fetchone()
    assert row is not None
    return bytes(row[0])
