"""XMP: what cameras, catalogues and people have written about a file, inside it or in a sidecar."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pydantic import JsonValue

from services.ingest.metadata import capture
from services.ingest.metadata.annotations import LEVELS, MOST_KEYWORDS, keywords
from services.ingest.metadata.capture import Moment, Place
from services.ingest.metadata.markup import Node, read_markup
from services.ingest.metadata.values import number, text, texts, without_empty

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns# "
LANGUAGE = "http://www.w3.org/XML/1998/namespace lang"
DC = "http://purl.org/dc/elements/1.1/ "
XMP = "http://ns.adobe.com/xap/1.0/ "
NOTE = "http://ns.adobe.com/xmp/note/ "
MEDIA = "http://ns.adobe.com/xap/1.0/mm/ "
DYNAMIC = "http://ns.adobe.com/xmp/1.0/DynamicMedia/ "
PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/ "
LIGHTROOM = "http://ns.adobe.com/lightroom/1.0/ "
DIGIKAM = "http://www.digikam.org/ns/1.0/ "
MICROSOFT = "http://ns.microsoft.com/photo/1.0/ "
FACES = "http://ns.microsoft.com/photo/1.2/t/Region# "
REGIONS = "http://www.metadataworkinggroup.com/schemas/regions/ "
IPTC = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/ "
IPTC_MORE = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/ "
ACDSEE = "http://ns.acdsee.com/iptc/1.0/ "
EXIF = "http://ns.adobe.com/exif/1.0/ "
EXIF_MORE = "http://cipa.jp/exif/1.0/ "
TIFF = "http://ns.adobe.com/tiff/1.0/ "
LENSES = "http://ns.adobe.com/exif/1.0/aux/ "

FIELDS = {
    "title": (DC + "title", XMP + "Title", ACDSEE + "caption"),
    "headline": (PHOTOSHOP + "Headline",),
    "description": (DC + "description", ACDSEE + "notes", TIFF + "ImageDescription"),
    "creator": (DC + "creator", TIFF + "Artist"),
    "label": (XMP + "Label",),
    "city": (PHOTOSHOP + "City", IPTC_MORE + "City"),
    "state": (PHOTOSHOP + "State", IPTC_MORE + "ProvinceState"),
    "country": (PHOTOSHOP + "Country", IPTC_MORE + "CountryName"),
    "location": (IPTC + "Location", IPTC_MORE + "Sublocation", IPTC_MORE + "LocationName"),
}
"""Where each field may stand, the most usual place first; those of IPTC's extension stand inside a place."""
COMMENTS = (EXIF + "UserComment", DYNAMIC + "logComment", DYNAMIC + "comment", DYNAMIC + "scene", DYNAMIC + "shotName")
FLAT = (DC + "subject", MICROSOFT + "LastKeywordXMP", ACDSEE + "keywords")
HIERARCHICAL = ((LIGHTROOM + "hierarchicalSubject", "|"), (DIGIKAM + "TagsList", "/"))
PEOPLE = (IPTC_MORE + "PersonInImage", REGIONS + "Name", FACES + "PersonDisplayName")
CAPTURED = (
    EXIF + "DateTimeOriginal", DYNAMIC + "shotDate", PHOTOSHOP + "DateCreated", EXIF + "DateTimeDigitized", XMP + "CreateDate",
)  # fmt: skip
OF_OTHERS = frozenset({MEDIA + "Pantry", MEDIA + "Ingredients", MEDIA + "DerivedFrom"})
"""What is said there is about the files that this one was made from."""
EXTENDED = NOTE + "HasExtendedXMP"
PERCENT = {1: 1, 25: 2, 50: 3, 75: 4, 99: 5}
"""Windows' ratings in stars."""
STEPS = re.compile(r"(-?\d+)(?:/(\d+))?", re.ASCII)


class Xmp(NamedTuple):
    """What a packet says. `fields` are people's words and ratings by our names; `extended` names the rest of the packet."""

    fields: dict[str, JsonValue]
    captured: Moment | None = None
    place: Place | None = None
    altitude: float | None = None
    camera: str | None = None
    lens: str | None = None
    extended: str | None = None
    is_whole: bool = True


def read_xmp(content: bytes) -> Xmp:
    """Make sense of a packet, as far as it can be read; never raises."""
    if not content:
        return Xmp({})  # most files have none
    markup = read_markup(content)
    packet = _Packet(markup.top)
    fields: dict[str, JsonValue] = {name: text(packet.first(*names)) for name, names in FIELDS.items()}
    fields["comments"] = [*texts(packet.all(*COMMENTS))]
    fields["keywords"] = keywords(packet.all(*FLAT), (_levels(path, sign) for path, sign in packet.paths()))
    fields["people"] = keywords(packet.all(*PEOPLE))
    fields["rating"] = _stars(packet.first(XMP + "Rating"), packet.first(MICROSOFT + "Rating"))
    return Xmp(
        without_empty(fields),
        captured=next(filter(None, (capture.moment(packet.first(name)) for name in CAPTURED)), None),
        place=capture.place_of_xmp(packet.first(EXIF + "GPSLatitude"), packet.first(EXIF + "GPSLongitude")),
        altitude=_altitude(packet.first(EXIF + "GPSAltitude"), packet.first(EXIF + "GPSAltitudeRef")),
        camera=capture.camera(packet.first(TIFF + "Make"), packet.first(TIFF + "Model")),
        lens=text(packet.first(EXIF_MORE + "LensModel", LENSES + "Lens")),
        extended=text(packet.first(EXTENDED)),
        is_whole=markup.is_whole,
    )


class _Packet:
    """The properties of a document, wherever in it they stand: as attributes or elements, alone or in an array."""

    def __init__(self, top: Node) -> None:
        self._values: dict[str, list[str]] = {}
        for node in top.within(without=OF_OTHERS):
            for name, value in node.attributes.items():
                self._values.setdefault(name, []).append(value)
            self._values.setdefault(node.name, []).extend(_written(node))

    def all(self, *names: str) -> Iterator[str]:
        for name in names:
            yield from self._values.get(name, ())[:MOST_KEYWORDS]

    def first(self, *names: str) -> str | None:
        return next((value for value in self.all(*names) if value.strip()), None)

    def paths(self) -> Iterator[tuple[str, str]]:
        return ((path, sign) for name, sign in HIERARCHICAL for path in self.all(name))


def _written(node: Node) -> list[str]:
    """The texts of a property: its own, or those of the array in it, the one in the default language first."""
    items = [item for array in node.children for item in array.children if item.name == RDF + "li"]
    items.sort(key=lambda item: item.attributes.get(LANGUAGE, "x-default") != "x-default")
    return [item.text.strip() for item in items] if items else [node.text.strip()]


def _levels(path: str, sign: str) -> str:
    return path.replace(sign, LEVELS)


def _stars(stars: str | None, percent: str | None) -> int | None:
    """Stars from 1 to 5, and -1 for what was rejected; 0 is what programs write for not rated."""
    if (rating := number(stars)) and rating in {-1, 1, 2, 3, 4, 5}:
        return int(rating)
    return PERCENT.get(int(number(percent) or 0))


def _altitude(written: str | None, below: str | None) -> float | None:
    match = STEPS.fullmatch(written or "")
    metres = number(written) if match is None else number(int(match[1]) / (int(match[2] or 1) or 1))
    return capture.altitude(metres, below=below == "1")
