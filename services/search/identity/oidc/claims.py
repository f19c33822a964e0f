"""What a provider says of a person, and which role that gives."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.search.identity.oidc.id_tokens import Claims
from services.search.identity.roles import ORDER, Role

WANTED = ("preferred_username", "email", "name")
"""Beside the groups: claims that are asked for once more where the identity token lacks one."""
LONGEST_NAME = 200
LONGEST_EMAIL = 320
INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")
"""What moves or hides text, or cannot be stored."""


@dataclass(frozen=True)
class Profile:
    """A person as the provider knows them; `username` and `email` may be anything, also somebody else's."""

    subject: str
    username: str | None
    display_name: str | None
    email: str | None
    groups: frozenset[str]


def is_thin(claims: Claims, groups_claim: str) -> bool:
    """Whether the identity token leaves out something that the provider may tell when it is asked."""
    return groups_of(claims, groups_claim) is None or any(not text(claims.get(name), LONGEST_EMAIL) for name in WANTED)


def profile_of(claims: Claims, more: Claims, groups_claim: str) -> Profile:
    """The person of an identity token; `more` is what the provider told when asked, and gives way to the token."""
    told = more | {name: value for name, value in claims.items() if value is not None}
    groups = groups_of(claims, groups_claim)
    return Profile(
        subject=claims["sub"],
        username=text(told.get("preferred_username"), LONGEST_NAME),
        display_name=text(told.get("name"), LONGEST_NAME),
        email=text(told.get("email"), LONGEST_EMAIL),
        groups=groups if groups is not None else groups_of(more, groups_claim) or frozenset(),
    )


def groups_of(claims: Claims, claim: str) -> frozenset[str] | None:
    """The groups that a claim lists, by its whole name or, with dots, inside another claim; None where it is not told."""
    listed: Any = claims.get(claim)
    if listed is None:
        listed = claims
        for part in claim.split("."):
            listed = listed.get(part) if isinstance(listed, dict) else None
    if isinstance(listed, str):
        return frozenset({listed})
    return frozenset(group for group in listed if isinstance(group, str)) if isinstance(listed, list) else None


def role_of(groups: frozenset[str], role_groups: Mapping[Role, tuple[str, ...]], otherwise: Role | None) -> Role | None:
    """The greatest role that one of the groups gives."""
    for role in reversed(ORDER):
        if not groups.isdisjoint(role_groups.get(role, ())):
            return role
    return otherwise


def text(value: object, longest: int) -> str | None:
    """A claim as a text to be shown, without what cannot be seen; None where nothing is left of it."""
    shown = " ".join(INVISIBLE.sub(" ", value).split()) if isinstance(value, str) else ""
    return shown[:longest].strip() or None
