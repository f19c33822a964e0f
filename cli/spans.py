"""Times of a film as people write them, and as people read them. Pure."""

import re

from shared.errors import Invalid

TIME = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,2}):)?(\d{1,6}(?:\.\d{1,3})?)", re.ASCII)


def seconds_of(text: str) -> float:
    """Seconds of a time: `75`, `75.5`, `1:15` or `1:02:03.5`; raises Invalid."""
    found = TIME.fullmatch(text.strip())
    if found is None or (found[2] is not None and float(found[3]) >= 60) or (found[1] is not None and int(found[2]) >= 60):
        raise Invalid(f"{text} is no time of a film; give one as 75, 1:15 or 1:02:03.5.")
    return int(found[1] or 0) * 3600 + int(found[2] or 0) * 60 + float(found[3])


def clock(seconds: float) -> str:
    """A time as `1:02:03`, with tenths where there are any."""
    tenths = round(seconds * 10)
    whole, tenth = divmod(tenths, 10)
    hours, rest = divmod(whole, 3600)
    minutes = f"{hours}:{rest // 60:02d}" if hours else f"{rest // 60}"
    return f"{minutes}:{rest % 60:02d}" + (f".{tenth}" if tenth else "")
