"""How long a new key works."""

from datetime import datetime, timedelta

from shared.errors import Invalid

USUAL = timedelta(days=90)
LONGEST = timedelta(days=3650)


def expiry(now: datetime, *, days: int | None, until: datetime | None, is_until_given: bool) -> datetime | None:
    """When it ends: after `days` or at `until`, where null has to be given by name; raises Invalid for what makes no sense."""
    if days is not None and is_until_given:
        raise Invalid("Give either the days for which the key is to work, or when it is to end.")
    if is_until_given and until is None:
        return None
    if until is None:
        return now + (USUAL if days is None else timedelta(days=days))
    if not now < until <= now + LONGEST:
        raise Invalid(f"The key is to end at {until:%Y-%m-%d %H:%M}; give a time within the next ten years, or null for never.")
    return until
