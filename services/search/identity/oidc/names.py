"""Which name a person gets here who comes from a provider for the first time."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator

from services.search.identity.callers import NO_NAMES
from services.search.identity.oidc.claims import Profile

LONGEST = 80
"""Characters, which leaves room for what is appended; the table takes a hundred."""
UNNAMED = "person"


def candidates(profile: Profile, issuer: str) -> Iterator[str]:
    """Names to try in turn, until one is free.

    A name that is taken is never shared: what is called `ada` at the provider may be somebody else than our `ada`, and at
    many providers people choose their user names themselves. So a number is appended, and after nine a mark of the person.
    """
    base = base_of(profile)
    if base not in NO_NAMES:
        yield base
    yield from (f"{base}-{number}" for number in range(2, 10))
    mark = hashlib.sha256(f"{issuer} {profile.subject}".encode()).hexdigest()
    yield from (f"{base}-{mark[:length]}" for length in (8, 16))


def base_of(profile: Profile) -> str:
    """The user name as the provider has it, or else the address, in the letters that names have here."""
    return next((name for told in (profile.username, profile.email) if told and (name := plain(told))), UNNAMED)


def plain(told: str) -> str:
    """Without accents and capitals; what no name may have becomes a hyphen."""
    letters = unicodedata.normalize("NFKD", told).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9._@+-]+", "-", letters).strip("._@+-")[:LONGEST]
