"""Where a file was made, as far as words say so outright; nothing is derived from coordinates."""

import re
from collections.abc import Iterator
from functools import cache

from services.nova.analyst import Location
from services.nova.lexicon import everyday, name_words, places
from services.nova.local.evidenced import Candidate, best
from services.nova.names import tokens
from services.nova.provenance import Evidence, Source
from services.nova.reading import Reading, spoken
from services.nova.words import stem

EXIF_TAGS = {
    "city": ("City", "LocationCreatedCity"),
    "state_region": ("State", "Province-State", "Province", "LocationCreatedProvinceState"),
    "country": ("Country", "Country-PrimaryLocationName", "LocationCreatedCountryName"),
    "site_name": ("Sub-location", "Location", "LocationCreatedSublocation"),
}
"""IPTC and XMP fields that people or their software fill in with the place."""
CITY = r"([A-Z][\w'’-]+(?: [A-Z][\w'’-]+){0,2})"  # noqa: RUF001 - typographic apostrophe


def location(reading: Reading) -> Location:
    """The place; every value unknown unless words or recorded fields give it."""
    texts = tuple(_texts(reading))
    return Location(
        site_name=best([*_exif(reading, "site_name"), *_sites(texts)]),
        city=best([*_exif(reading, "city"), *_cities(texts)]),
        state_region=best([*_exif(reading, "state_region"), *_states(texts)]),
        country=best([*_exif(reading, "country"), *_countries(texts)]),
        address_fragment=best(_addresses(texts)),
        coordinates=best(_coordinates(reading)),
    )


def _texts(reading: Reading) -> Iterator[tuple[str, Evidence]]:
    """Each text as people read it: in names, underscores stand for spaces."""
    for segment in reading.material.segments:
        yield segment.text, spoken(segment, segment.text.strip())
    for place in reading.exif.places:
        yield place, Evidence(source=Source.EXIF, phrase=place)
    for source, names in ((Source.FILENAME, (reading.names.file,)), (Source.PATH, reading.names.folders)):
        for name in names:
            yield name.raw.replace("_", " "), Evidence(source=source, phrase=name.raw)


def _exif(reading: Reading, field: str) -> Iterator[Candidate]:
    for tag in EXIF_TAGS[field]:
        value = reading.material.exif.get(tag)
        if isinstance(value, str) and value.strip():
            yield Candidate(value.strip(), Evidence(source=Source.EXIF, phrase=f"{tag}: {value.strip()}"))


@cache
def _state_pattern() -> re.Pattern[str]:
    """City and state with a comma between them."""
    names = "|".join(sorted(places().states.values(), key=len, reverse=True))
    return re.compile(rf"\b{CITY}, ?({names}|{'|'.join(places().states)})\b")


@cache
def _state_alone() -> re.Pattern[str]:
    """A state that can be nothing else: its full name, or an abbreviation in capitals."""
    words = places()
    names = "|".join(sorted(set(words.states.values()) - words.ambiguous_states, key=len, reverse=True))
    short = "|".join(set(words.states) - words.ambiguous_abbreviations)
    return re.compile(rf"(?<![^\W_])(?:((?i:{names}))|({short}))(?![^\W_])")


def _cities(texts: tuple[tuple[str, Evidence], ...]) -> Iterator[Candidate]:
    for text, evidence in texts:
        for match in _state_pattern().finditer(text):
            yield Candidate(match[1], evidence)


def _states(texts: tuple[tuple[str, Evidence], ...]) -> Iterator[Candidate]:
    states = places().states
    by_name = {name.casefold(): name for name in states.values()}
    for text, evidence in texts:
        for match in _state_pattern().finditer(text):
            yield Candidate(states.get(match[2], match[2]), evidence)
        for match in _state_alone().finditer(text):
            yield Candidate(by_name[match[1].casefold()] if match[1] else states[match[2]], evidence)


@cache
def _country_pattern() -> re.Pattern[str]:
    names = "|".join(sorted(places().countries, key=len, reverse=True))
    return re.compile(rf"(?<![^\W_])({names})(?![^\W_])", re.IGNORECASE)


def _countries(texts: tuple[tuple[str, Evidence], ...]) -> Iterator[Candidate]:
    for text, evidence in texts:
        # The state of New Mexico is not in Mexico.
        rest = _state_alone().sub("", text)
        for match in _country_pattern().finditer(rest):
            yield Candidate(places().countries[match[1].casefold()], evidence)


@cache
def _site_pattern() -> re.Pattern[str]:
    return re.compile(rf"\b((?:[A-Z][\w'’-]+ ){{1,3}}(?:{'|'.join(map(str.capitalize, name_words().site_words))}))\b")  # noqa: RUF001


def _sites(texts: tuple[tuple[str, Evidence], ...]) -> Iterator[Candidate]:
    for text, evidence in texts:
        readable = " ".join(tokens(text)) if evidence.source in (Source.FILENAME, Source.PATH) else text
        for match in _site_pattern().finditer(readable):
            yield Candidate(match[1].removeprefix("The "), evidence)


@cache
def _address_pattern() -> re.Pattern[str]:
    streets = "|".join(places().street_words)
    return re.compile(rf"(?<![\d.])(\d{{1,5}} (?:[^\W\d_]+ ){{1,3}}?(?:{streets}))(?![^\W_])", re.IGNORECASE)


def _addresses(texts: tuple[tuple[str, Evidence], ...]) -> Iterator[Candidate]:
    for text, evidence in texts:
        for match in _address_pattern().finditer(text):
            street = match[1].split()[1:-1]
            # Ten years down the road is no address.
            spoken_name = evidence.source is not Source.TRANSCRIPT or all(word[0].isupper() for word in street)
            if spoken_name and everyday().isdisjoint(map(stem, street)):
                yield Candidate(match[1], evidence)


def _coordinates(reading: Reading) -> Iterator[Candidate]:
    if reading.material.gps is not None:
        latitude, longitude = reading.material.gps
        written = f"{latitude:.5f}, {longitude:.5f}"
        yield Candidate(written, Evidence(source=Source.EXIF, phrase=f"GPS {written}"))
