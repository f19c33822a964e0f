"""The first administrator: made where nobody is there, once, however many gateways start at the same time."""

import structlog

from services.search.identity import credentials, keys, people, tokens
from services.search.identity.credentials import Credentials
from services.search.identity.passwords import Passwords
from services.search.identity.roles import Role, Scope
from services.search.settings import SearchSettings
from shared.database import Database

NAME = "admin"
KEY_NAME = "first start"
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('spillway first administrator', 0))"
LOCKED_OUT = (
    "nobody can sign in: there are no people yet. Set SPILLWAY_SEARCH_CREDENTIALS_FILE to a file that is to be written with a "
    "password and a key, or SPILLWAY_SEARCH_ADMIN_PASSWORD to the password that the person admin is to have, and start again"
)

log = structlog.get_logger()


async def begin(database: Database, passwords: Passwords, settings: SearchSettings) -> None:
    """Make the first administrator if nobody is there; raises Conflict if the file cannot be written."""
    async with database.transaction() as connection:
        await connection.execute(LOCK)
        if not await people.is_nobody_there(connection):
            return
        given = settings.admin_password.get_secret_value() if settings.admin_password else None
        if not (given or settings.credentials_file):
            log.warning(LOCKED_OUT)
            return
        password = given or tokens.new_password()
        person = await people.add(
            connection, name=NAME, role=Role.ADMIN, display_name="Administrator", password_hash=await passwords.hashed(password)
        )
        if settings.credentials_file:
            _, key = await keys.add(connection, person.id, name=KEY_NAME, scopes=frozenset(Scope), expires_at=None)
            # Before the commit: a file that opens nothing is written anew at the next start, a key that nobody has is lost.
            credentials.write(settings.credentials_file, Credentials(NAME, password, key))
    log.info("the person admin was made", credentials_file=str(settings.credentials_file))
