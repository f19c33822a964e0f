import pytest

from services.nova.local.places import location
from services.nova.provenance import UNKNOWN, Source
from tests.support.material import reading


@pytest.mark.parametrize(
    ("text", "city", "state"),
    [
        ("We are in Austin, Texas.", "Austin", "Texas"),
        ("We are in Salt Lake City, UT today", "Salt Lake City", "Utah"),
        ("Greetings from Portland, OR", "Portland", "Oregon"),
        ("we are in texas", UNKNOWN, "Texas"),
        ("we are in west virginia", UNKNOWN, "West Virginia"),
        # a city without a state, and words that are no places
        ("We are in Austin.", UNKNOWN, UNKNOWN),
        ("Virginia and Georgia are our designers", UNKNOWN, UNKNOWN),
        ("put it IN there OR here", UNKNOWN, UNKNOWN),
        ("Mexicali tiles", UNKNOWN, UNKNOWN),
    ],
)
def test_city_and_state_only_when_said(text: str, city: str, state: str) -> None:
    found = location(reading(text))
    assert (found.city.value, found.state_region.value) == (city, state)


@pytest.mark.parametrize(
    ("path", "city", "state"),
    [
        ("Austin, TX/x.mp4", "Austin", "Texas"),
        ("smith_residence_austin_TX.mp4", UNKNOWN, "Texas"),
        ("smith_OR_jones.mp4", UNKNOWN, UNKNOWN),
        ("austin.mp4", UNKNOWN, UNKNOWN),
    ],
)
def test_names_give_a_city_only_before_a_comma_and_a_state(path: str, city: str, state: str) -> None:
    found = location(reading(path=path))
    assert (found.city.value, found.state_region.value) == (city, state)


def test_countries() -> None:
    assert location(reading("we are in germany")).country.value == "Germany"
    assert location(reading("we are in New Mexico")).country.value == UNKNOWN
    assert location(reading("indiana")).country.value == UNKNOWN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They live at 1234 Maple Street.", "1234 Maple Street"),
        ("ten years, 10 years down the road", UNKNOWN),
        ("it took 12 months on the drive", UNKNOWN),
    ],
)
def test_address_in_speech(text: str, expected: str) -> None:
    assert location(reading(text)).address_fragment.value == expected


def test_address_and_site_in_names() -> None:
    found = location(reading(path="RiversideHotel_12_oak_lane.mp4"))
    assert found.address_fragment.value == "12 oak lane"
    assert found.site_name.value == "Riverside Hotel"


def test_recorded_fields_and_coordinates_are_exif() -> None:
    found = location(reading(exif={"City": "Arezzo", "Country": "Italy", "State": 7}, gps=(43.46745, 11.88513)))
    assert (found.city.value, found.country.value, found.coordinates.value) == ("Arezzo", "Italy", "43.46745, 11.88513")
    assert found.city.sources == found.coordinates.sources == (Source.EXIF,)
    assert not found.state_region.known


def test_no_place_is_derived_from_coordinates() -> None:
    found = location(reading(gps=(30.2672, -97.7431)))
    assert [name for name, fact in found if fact.known] == ["coordinates"]
