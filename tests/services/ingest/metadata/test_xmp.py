import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.metadata.annotations import LONGEST_KEYWORD, MOST_KEYWORDS
from services.ingest.metadata.xmp import read_xmp
from tests.support.xmp import alternatives, bag, packet


def test_what_a_catalogue_writes_is_found() -> None:
    found = read_xmp(
        packet(
            bag("dc:subject", "waterfall", "Grotto", "waterfall"),
            bag("lr:hierarchicalSubject", "Places|California|Napa", "waterfall"),
            bag("dc:creator", "Ann Smith", kind="Seq"),
            alternatives("dc:description", de="Der Wasserfall", x_default="The waterfall at dusk"),
            alternatives("dc:title", x_default="Dusk"),
            xmp_Rating="4",
            xmp_Label="Green",
            photoshop_Headline="Water &amp; light",
            photoshop_City="Napa",
            photoshop_State="California",
            photoshop_Country="USA",
            Iptc4xmpCore_Location="Smith Residence",
        )
    )
    assert found.fields == {
        "title": "Dusk",
        "headline": "Water & light",
        "description": "The waterfall at dusk",
        "creator": "Ann Smith",
        "label": "Green",
        "city": "Napa",
        "state": "California",
        "country": "USA",
        "location": "Smith Residence",
        "keywords": ["waterfall", "Grotto", "Places", "California", "Napa"],
        "rating": 4,
    }
    assert found.is_whole


def test_digikams_and_windows_own_fields_are_found() -> None:
    region = '<rdf:li><rdf:Description mwg-rs:Name="Bob" mwg-rs:Type="Face"/></rdf:li>'
    found = read_xmp(
        packet(
            bag("digiKam:TagsList", "People/Ann", "Pool", kind="Seq"),
            bag("MicrosoftPhoto:LastKeywordXMP", "koi"),
            bag("Iptc4xmpExt:PersonInImage", "Ann"),
            f'<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag>{region}</rdf:Bag></mwg-rs:RegionList>'
            "</mwg-rs:Regions>",
            MicrosoftPhoto_Rating="75",
        )
    )
    assert found.fields["keywords"] == ["koi", "People", "Ann", "Pool"]
    assert found.fields["people"] == ["Ann", "Bob"]
    assert found.fields["rating"] == 4


def test_the_place_of_iptcs_extension_stands_inside_a_structure() -> None:
    place = (
        "<Iptc4xmpExt:LocationCreated><rdf:Bag><rdf:li rdf:parseType='Resource'>"
        "<Iptc4xmpExt:Sublocation>Grotto</Iptc4xmpExt:Sublocation><Iptc4xmpExt:City>Reno</Iptc4xmpExt:City>"
        "<Iptc4xmpExt:ProvinceState>Nevada</Iptc4xmpExt:ProvinceState>"
        "<Iptc4xmpExt:CountryName>USA</Iptc4xmpExt:CountryName></rdf:li></rdf:Bag></Iptc4xmpExt:LocationCreated>"
    )
    assert read_xmp(packet(place)).fields == {"location": "Grotto", "city": "Reno", "state": "Nevada", "country": "USA"}


def test_what_a_camera_writes_is_found() -> None:
    found = read_xmp(
        packet(
            exif_DateTimeOriginal="2021-05-01T10:00:00.5+02:00",
            exif_GPSLatitude="37,46.494N",
            exif_GPSLongitude="122,25,10W",
            exif_GPSAltitude="353/10",
            exif_GPSAltitudeRef="1",
            tiff_Make="Canon",
            tiff_Model="Canon EOS R5",
            exifEX_LensModel="RF 50mm",
        )
    )
    assert found.captured is not None
    assert found.captured.at == datetime(2021, 5, 1, 8, 0, 0, 500_000, tzinfo=UTC)
    assert found.captured.zone == "+02:00"
    assert found.place == (37.7749, -122.4194444)
    assert found.altitude == -35.3
    assert (found.camera, found.lens) == ("Canon EOS R5", "RF 50mm")


def test_what_is_said_of_the_files_that_a_film_was_cut_from_is_not_said_of_the_film() -> None:
    pantry = f"<xmpMM:Pantry><rdf:Bag><rdf:li>{alternatives('dc:title', x_default='Stock 7')}</rdf:li></rdf:Bag></xmpMM:Pantry>"
    found = read_xmp(packet(pantry, alternatives("dc:title", x_default="The film")))
    assert found.fields == {"title": "The film"}


@pytest.mark.parametrize(
    ("written", "stars"),
    [("5", 5), ("-1", -1), ("3.0", 3), ("0", None), ("6", None), ("4.5", None), ("many", None), ("1e999", None)],
)
def test_ratings_are_stars_or_none(written: str, stars: int | None) -> None:
    assert read_xmp(packet(xmp_Rating=written)).fields.get("rating") == stars


@pytest.mark.parametrize(
    "attributes",
    [
        {"exif_GPSLatitude": "95,0N", "exif_GPSLongitude": "10,0E"},
        {"exif_GPSLatitude": "0,0N", "exif_GPSLongitude": "0,0E"},
        {"exif_GPSLatitude": "10,0N"},
        {"exif_GPSLatitude": "ten", "exif_GPSLongitude": "10,0E"},
        {"exif_GPSAltitude": "1/0"},
        {"exif_GPSAltitude": "99999999/1"},
        {"exif_DateTimeOriginal": "0000-00-00T00:00:00"},
    ],
)
def test_values_that_cannot_be_are_none(attributes: dict[str, str]) -> None:
    found = read_xmp(packet(**attributes))
    assert (found.place, found.captured) == (None, None)
    assert found.altitude in {None, 1.0}


def test_what_stands_before_the_damage_is_kept() -> None:
    whole = packet(bag("dc:subject", "waterfall"), alternatives("dc:title", x_default="Dusk"))
    found = read_xmp(whole[: whole.index(b"<dc:title")])
    assert found.fields == {"keywords": ["waterfall"]}
    assert not found.is_whole


def test_lists_and_words_are_bounded() -> None:
    found = read_xmp(packet(bag("dc:subject", *(f"{number} {'x' * 1000}" for number in range(1000)))))
    words = found.fields["keywords"]
    assert isinstance(words, list)
    assert len(words) == MOST_KEYWORDS
    assert all(isinstance(word, str) and len(word) <= LONGEST_KEYWORD for word in words)


@given(st.binary() | st.binary().map(lambda noise: packet(bag("dc:subject", "a")).replace(b"a", noise)))
def test_no_bytes_can_crash_it_and_all_that_it_keeps_is_json(content: bytes) -> None:
    written = json.dumps(read_xmp(content).fields, allow_nan=False, ensure_ascii=False)
    written.encode()
    assert "\\u0000" not in written
