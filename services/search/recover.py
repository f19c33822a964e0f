"""For who has lost the administrator's password and has the database: `python -m services.search.recover NAME`.

The person is an active administrator from then on, whatever it was before; who has the database could write that too. A new
password and a new key are made, and the sessions and keys from before end. They are written into the credentials file, or
printed once where none is set.
"""

import argparse
import sys
from collections.abc import Sequence

from services.search.identity import credentials, keys, people, sessions, tokens
from services.search.identity.credentials import Credentials
from services.search.identity.passwords import Passwords
from services.search.identity.people import Person
from services.search.identity.roles import Role, Scope
from services.search.settings import SearchSettings
from shared.database import Connection, Database
from shared.errors import Conflict, SpillwayError
from shared.platform import run_async
from shared.settings import PlatformSettings

KEY_NAME = "recovered"


async def recovered(database: Database, settings: SearchSettings, name: str) -> Credentials:
    """New credentials of a person, which nobody else has; raises Conflict if nobody is called so."""
    password = tokens.new_password()
    password_hash = await Passwords().hashed(password)
    async with database.transaction() as connection:
        person = await _meant(connection, name)
        await people.change(connection, person.id, role=Role.ADMIN, disabled=False)
        await people.set_password(connection, person.id, password_hash)
        await sessions.end_all(connection, person.id)
        await keys.revoke_all(connection, person.id)
        _, key = await keys.add(connection, person.id, name=KEY_NAME, scopes=frozenset(Scope), expires_at=None)
        made = Credentials(name, password, key)
        if settings.credentials_file:
            credentials.write(settings.credentials_file, made)
    return made


async def _meant(connection: Connection, name: str) -> Person:
    person = await people.named(connection, name)
    if person is None:
        known = ", ".join(one.name for one in await people.people(connection)) or "nobody"
        raise Conflict(f"There is nobody called {name}; there is {known}.")
    return person


async def _recover(name: str) -> None:
    settings = SearchSettings()
    database = Database(PlatformSettings().database_url.get_secret_value(), connections=1)
    await database.open()
    try:
        made = await recovered(database, settings, name)
    finally:
        await database.close()
    if settings.credentials_file:
        print(f"The new password and key of {name} are in {settings.credentials_file}.")
    else:
        print(made.text, end="")


def main(arguments: Sequence[str] | None = None) -> None:
    """Recover who is named, or say why not."""
    parser = argparse.ArgumentParser(
        prog="python -m services.search.recover", description="Gives a person a new password and the role admin."
    )
    parser.add_argument("name", help="the name of the person")
    try:
        run_async(_recover(parser.parse_args(arguments).name))
    except SpillwayError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
