"""Which events are meant, as people say it on the command line: values in, values out."""

import re
from datetime import datetime, timedelta
from typing import Any

from shared.errors import Invalid

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
AGO = re.compile(r"(\d{1,6})([smhdw])")
PLACES = re.compile(r"(\d{0,18})(\.\.)?(\d{0,18})")


def moment(text: str, now: datetime) -> str:
    """A time as the API takes it: `2h` is two hours ago, and a time without a zone is one of here; raises Invalid."""
    ago = AGO.fullmatch(text)
    try:
        found = now - timedelta(**{UNITS[ago[2]]: int(ago[1])}) if ago else datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError) as error:
        raise Invalid(f"{text} is no time; give one as 2026-08-01T10:30, or as 30m, 2h or 7d for so long ago.") from error
    return found.isoformat()


def places(text: str) -> dict[str, int]:
    """A place of the stream, or from one to another, either end left open: `7`, `7..20`, `7..`, `..20`; raises Invalid."""
    found = PLACES.fullmatch(text)
    if found is None or not (found[1] or found[3]):
        raise Invalid(f"{text} is no range of the stream; give one as 7..20, 7.. or ..20.")
    first, to, last = found.groups()
    ends = {"first_sequence": first, "last_sequence": last if to else first}
    return {name: int(end) for name, end in ends.items() if end}


def chosen(
    now: datetime,
    *,
    subject: list[str] | None = None,
    since: str | None = None,
    until: str | None = None,
    file_id: str | None = None,
    job: str | None = None,
    sequence: str | None = None,
) -> dict[str, Any]:
    """The events that are meant, as the API takes them; raises Invalid."""
    wanted = {
        "subject": subject,
        "since": since and moment(since, now),
        "until": until and moment(until, now),
        "file_id": file_id,
        "job_id": job,
        **(places(sequence) if sequence else {}),
    }
    return {name: value for name, value in wanted.items() if value is not None and value != []}
