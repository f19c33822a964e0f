"""What the API takes and answers about people, their sessions and their keys."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.search.http.versions import Version
from services.search.identity.callers import Means
from services.search.identity.passwords import LONGEST, SHORTEST
from services.search.identity.roles import Role, Scope
from services.search.schemas import Schema

LONGEST_LIFE = 3650
"""Days: ten years, after which nobody knows any more what a key was for."""

# Fields with patterns are checked by the database too; here the sentence is better.
Name = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9._@+-]{0,99}$",
        description="By which a person signs in, and which is kept of what he does; it never changes. In small letters.",
    ),
]
Shown = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$", description="As people read it.")]
Email = Annotated[str, Field(max_length=320, pattern=r"^([^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+)?$")]
NewPassword = Annotated[
    str, Field(min_length=SHORTEST, max_length=LONGEST, description=f"From {SHORTEST} characters; a sentence is best.")
]
Scopes = Annotated[set[Scope], Field(min_length=1)]


class PersonTold(Schema):
    """A person."""

    id: UUID
    name: str
    display_name: str
    email: str | None
    role: Role
    has_password: bool = Field(description="Whether the person can sign in by a password.")
    issuer: str | None = Field(description="Who vouches for a person that signs in elsewhere.")
    created_at: datetime
    disabled_at: datetime | None = Field(description="Since when the person may do nothing.")
    last_seen_at: datetime | None = Field(description="To the minute.")
    version: Version


class People(Schema):
    """Everybody, by name; people are disabled, and never deleted."""

    people: list[PersonTold]


class NewPerson(Schema):
    """A person who is to be let in."""

    name: Name
    role: Role = Role.VIEWER
    display_name: Shown | None = Field(None, description="The name, unless given.")
    email: Email | None = None
    password: NewPassword | None = Field(None, description="One is made, and told once, unless it is given.")


class PersonChange(Schema):
    """What to change of a person; what is left out, or null, stays."""

    role: Role | None = None
    display_name: Shown | None = None
    email: Email | None = Field(None, description="Empty for none.")
    disabled: bool | None = Field(None, description="True ends the person's sessions and revokes the keys at once.")


class PasswordSet(Schema):
    """A password for somebody who has lost his."""

    password: NewPassword | None = Field(None, description="One is made, and told once, unless it is given.")


class PersonWithPassword(Schema):
    """A person, and the password that was made."""

    person: PersonTold
    password: str | None = Field(description="Told this once; null where it was given.")


class SignIn(Schema):
    """Who signs in."""

    name: str = Field(max_length=200)
    password: str = Field(max_length=LONGEST)


class PasswordChange(Schema):
    """One's own password, and what it is to be."""

    current: str = Field(max_length=LONGEST)
    new: NewPassword


class SignedIn(Schema):
    """A session that has begun; its secret is in the cookie."""

    person: PersonTold
    csrf_token: str = Field(description="Send it as X-CSRF-Token with everything but reading.")
    expires_at: datetime


class WhoIAm(Schema):
    """Who asks, and what he may."""

    person: PersonTold
    role: Role
    scopes: list[Scope] = Field(description="What the role has, and the key if it is one.")
    means: Means
    csrf_token: str | None = Field(description="Send it as X-CSRF-Token with everything but reading; null with a key.")
    expires_at: datetime | None = Field(description="When the session or key ends if it is used no more; null for never.")


class SessionTold(Schema):
    """A session of one's own."""

    id: UUID
    created_at: datetime
    last_used_at: datetime = Field(description="To the minute.")
    expires_at: datetime
    address: str | None = Field(description="Where it was begun.")
    user_agent: str | None = Field(description="What the browser said of itself then.")
    current: bool = Field(description="Whether it is the one that asks.")


class Sessions(Schema):
    """One's own sessions that go on, the latest first."""

    sessions: list[SessionTold]


class KeyTold(Schema):
    """An API key, without what opens anything."""

    id: UUID
    person: str = Field(description="Whose it is.")
    name: str
    prefix: str = Field(description="How the key begins.")
    scopes: list[Scope] = Field(description="As it was given them; its owner's role may have fewer by now.")
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute.")


class Keys(Schema):
    """A person's keys, the latest first."""

    keys: list[KeyTold]


class NewKey(Schema):
    """A key that is to be made: for 90 days, unless said otherwise."""

    name: Shown
    scopes: Scopes = Field(description="No more than who asks may do.")
    days: int | None = Field(None, ge=1, le=LONGEST_LIFE, description="For how many days it works.")
    expires_at: AwareDatetime | None = Field(None, description="Until when it works instead; null, if it is given, for ever.")


class KeyMade(Schema):
    """A key that was made."""

    key: KeyTold
    secret: str = Field(description="The key itself, told this once; send it as `Authorization: Bearer <key>`.")
