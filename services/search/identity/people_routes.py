"""Routes of people: who is let in, and as what. Nobody is ever deleted."""

from uuid import UUID

from fastapi import APIRouter

from services.search.audit.notes import Noting
from services.search.http.conditions import require
from services.search.http.versions import IfMatch
from services.search.identity import keys, people, sessions, tokens
from services.search.identity.asking import Asking
from services.search.identity.people import Person
from services.search.identity.schemas import NewPerson, PasswordSet, People, PersonChange, PersonTold, PersonWithPassword
from services.search.resources import Provided

router = APIRouter(prefix="/api/people", tags=["identity"])


@router.get("")
async def list_people(resources: Provided) -> People:
    """Everybody who is or was let in."""
    async with resources.platform.database.connection() as connection:
        return People(people=[told(person) for person in await people.people(connection)])


@router.post("", status_code=201)
async def add_person(resources: Provided, notes: Noting, ask: NewPerson) -> PersonWithPassword:
    """Let somebody in."""
    made = None if ask.password else tokens.new_password()
    password_hash = await resources.passwords.hashed(ask.password or made or "")
    async with resources.platform.database.transaction() as connection:
        person = await people.add(
            connection,
            name=ask.name,
            role=ask.role,
            display_name=ask.display_name,
            email=ask.email or None,
            password_hash=password_hash,
        )
    notes.add(person_id=person.id)
    return PersonWithPassword(person=told(person), password=made)


@router.get("/{person_id}")
async def get_person(resources: Provided, person_id: UUID) -> PersonTold:
    """One person."""
    async with resources.platform.database.connection() as connection:
        return told(await people.find(connection, person_id))


@router.patch("/{person_id}")
async def change_person(resources: Provided, person_id: UUID, change: PersonChange, if_match: IfMatch = None) -> PersonTold:
    """Change what a person may do or is called; the last active administrator stays one."""
    async with resources.platform.database.transaction() as connection:
        if change.disabled or change.role is not None:
            await people.lock_admins(connection)
        before = await people.find(connection, person_id, lock=True)
        require(if_match, str(before.version), "person")
        person = await people.change(connection, person_id, **change.model_dump())
        if person.disabled_at is not None:
            await sessions.end_all(connection, person_id)
            await keys.revoke_all(connection, person_id)
    resources.known.forget(person_id)
    return told(person)


@router.post("/{person_id}/password")
async def set_password(resources: Provided, asking: Asking, person_id: UUID, ask: PasswordSet) -> PersonWithPassword:
    """Give somebody a new password, and end his sessions; the keys go on."""
    made = None if ask.password else tokens.new_password()
    password_hash = await resources.passwords.hashed(ask.password or made or "")
    async with resources.platform.database.transaction() as connection:
        person = await people.find(connection, person_id, lock=True)
        await people.set_password(connection, person_id, password_hash)
        await sessions.end_all(connection, person_id, but=asking.means_id)
    resources.known.forget(person_id)
    return PersonWithPassword(person=told(person), password=made)


def told(person: Person) -> PersonTold:
    """A person as the API tells it."""
    return PersonTold(**{**vars(person), "version": str(person.version)})
