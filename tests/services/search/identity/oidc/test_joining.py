"""People who come from a provider at the same moment."""

import asyncio

import pytest

from services.search.identity.oidc.claims import Profile
from services.search.identity.oidc.joining import Joined, joined
from services.search.identity.roles import Role
from shared.database import Database
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected
ISSUER = "https://id.example"
WAITING = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INSERT INTO people%')"


def a_profile(subject: str) -> Profile:
    return Profile(subject, "ada", "Ada", None, frozenset())


async def both(database: Database, first: str, second: str) -> tuple[Joined, Joined]:
    """Two sign-ins of which the second meets the first in the middle."""

    async def comes(subject: str) -> Joined:
        async with database.transaction() as connection:
            return await joined(connection, ISSUER, a_profile(subject), Role.VIEWER)

    async def waits() -> bool:
        async with database.connection() as connection:
            row = await (await connection.execute(WAITING)).fetchone()
        return bool(row and row[0])

    async with database.transaction() as connection:
        one = await joined(connection, ISSUER, a_profile(first), Role.VIEWER)
        coming = asyncio.create_task(comes(second))
        await until_so(waits)
    return one, await coming


async def test_one_person_who_comes_twice_at_once_is_made_once(database: Database) -> None:
    one, other = await both(database, "1", "1")
    assert one.person.id == other.person.id


async def test_two_people_of_one_name_who_come_at_once_get_two_names(database: Database) -> None:
    one, other = await both(database, "1", "2")
    assert (one.person.name, other.person.name) == ("ada", "ada-2")
