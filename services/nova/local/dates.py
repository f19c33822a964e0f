"""Dates of capture and of events: as recorded, as written in names, as spoken."""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from services.nova.analyst import DateFact, DateKind
from services.nova.local.confidence import confidence
from services.nova.provenance import Evidence, Source
from services.nova.reading import Reading, spoken

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in MONTHS) + "|sept"
YEAR = r"(?:19[89]|20[0-4])\d"
WRITTEN = re.compile(rf"(?<!\d)({YEAR})([-_. ]?)(0[1-9]|1[0-2])(?:[-_. ]?(0[1-9]|[12]\d|3[01]))?(?!\d)")
"""Year first, the only order of figures that reads in one way."""
NAMED = re.compile(rf"(?<![a-z])({MONTH})[-_., ]+(?:(\d{{1,2}})(?:st|nd|rd|th)?[-_., ]+)?({YEAR})(?!\d)", re.IGNORECASE)
NAMED_DAY_FIRST = re.compile(rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?[-_., ]+({MONTH})[-_., ]+({YEAR})(?!\d)", re.IGNORECASE)


def dates(reading: Reading) -> tuple[DateFact, ...]:
    """The dates of a file, the recorded capture first; the same date from several sources once."""
    found: dict[tuple[DateKind, str], list[Evidence]] = {}
    for kind, value, evidence in _all(reading):
        found.setdefault((kind, value), []).append(evidence)
    return tuple(
        DateFact(kind=kind, value=value, evidence=tuple(dict.fromkeys(pieces)), confidence=confidence(pieces))
        for (kind, value), pieces in found.items()
    )


def _all(reading: Reading) -> Iterator[tuple[DateKind, str, Evidence]]:
    captured = reading.material.captured_at
    if captured is not None:
        yield DateKind.CAPTURE, captured.date().isoformat(), Evidence(source=Source.EXIF, phrase=captured.isoformat())
    for evidence, text in _texts(reading):
        for value in written_dates(text):
            yield DateKind.EVENT, value, evidence


def _texts(reading: Reading) -> Iterable[tuple[Evidence, str]]:
    yield Evidence(source=Source.FILENAME, phrase=reading.names.file.raw), reading.names.file.raw
    for folder in reading.names.folders:
        yield Evidence(source=Source.PATH, phrase=folder.raw), folder.raw
    for segment in reading.material.segments:
        yield spoken(segment, segment.text.strip()), segment.text


def written_dates(text: str) -> Iterator[str]:
    """Dates in a text as `2024-08-12` or `2024-08`; what no calendar has is none."""
    found = [day for match in WRITTEN.finditer(text) for day in _date(match[1], match[3], match[4])]
    found += [day for match in NAMED_DAY_FIRST.finditer(text) for day in _date(match[3], _month(match[2]), match[1])]
    found += [day for match in NAMED.finditer(text) for day in _date(match[3], _month(match[1]), match[2])]
    return (day for day in dict.fromkeys(found) if not any(other.startswith(f"{day}-") for other in found))


def _month(name: str) -> str:
    return next(f"{number:02}" for number, month in enumerate(MONTHS, 1) if month.startswith(name[:3].casefold()))


def _date(year: str, month: str, day: str | None) -> Iterator[str]:
    if day is None:
        yield f"{year}-{month}"
        return
    try:
        yield date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return
