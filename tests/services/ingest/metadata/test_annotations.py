import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.metadata.annotations import MOST_KEYWORDS, keywords, merged
from services.nova.moments import moments
from services.nova.reading import read
from shared.contracts import Kind
from tests.support.material import material


def test_each_value_comes_from_the_first_place_that_has_one_and_says_so() -> None:
    found = merged(
        {
            "xmp": {"title": "Dusk", "keywords": ["waterfall"], "rating": 4},
            "iptc": {"title": "Evening", "description": "The waterfall", "keywords": ["Waterfall", "koi"], "city": "Napa"},
            "exif": {"XPKeywords": "pool;koi;Rosa", "Rating": 2, "Artist": "Ann"},
            "tags": {"description": "of the container"},
        }
    )
    assert found == {
        "Title": "Dusk",
        "Description": "The waterfall",
        "Creator": "Ann",
        "Rating": 4,
        "City": "Napa",
        "Keywords": ["waterfall", "koi", "pool", "Rosa"],
        "UserComment": ["Evening", "of the container"],
        "sources": {
            "Title": ["xmp"],
            "Description": ["iptc"],
            "Creator": ["exif"],
            "Rating": ["xmp"],
            "City": ["iptc"],
            "Keywords": ["xmp", "iptc", "exif"],
            "UserComment": ["iptc", "tags"],
        },
    }


def test_the_sidecar_comes_before_the_file() -> None:
    assert merged({"xmp": {"title": "old"}, "sidecar": {"title": "new"}})["Title"] == "new"


def test_people_in_the_picture_are_keywords() -> None:
    assert merged({"xmp": {"keywords": ["pool"], "people": ["Ann"]}})["Keywords"] == ["pool", "Ann"]


def test_what_cameras_write_by_themselves_is_nobodys_caption() -> None:
    assert merged({"exif": {"ImageDescription": "OLYMPUS DIGITAL CAMERA", "XPTitle": "cof"}}) == {}
    assert merged({"exif": {"ImageDescription": "Our pool"}})["Description"] == "Our pool"


def test_tags_of_sound_files_and_slates_are_found() -> None:
    found = merged({"tags": {"artist": "Ann", "title": "Song", "comment": "take this"}, "ixml": {"scene": "12", "take": "3"}})
    assert (found["Creator"], found["Title"], found["UserComment"]) == ("Ann", "Song", ["scene 12, take 3", "take this"])


def test_keywords_in_one_string_are_told_apart() -> None:
    assert merged({"tags": {"keywords": "pool, koi pond"}})["Keywords"] == ["pool", "koi pond"]
    assert merged({"tags": {"com.apple.quicktime.keywords": "pool"}})["Keywords"] == ["pool"]


def test_keywords_are_each_once_and_so_many() -> None:
    assert keywords(["Pool", "pool ", "", None, 7], ["A|pool|B"]) == ["Pool", "A", "B"]
    assert len(keywords(str(number) for number in range(1000))) == MOST_KEYWORDS


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)
NAMES = st.sampled_from(
    ["title", "keywords", "people", "comments", "XPKeywords", "Rating", "ImageDescription", "scene", "note"]
)


@given(
    st.dictionaries(
        st.sampled_from(["sidecar", "xmp", "iptc", "exif", "ixml", "tags"]), ANYTHING | st.dictionaries(NAMES, ANYTHING)
    )
)
def test_no_metadata_can_crash_it(metadata: dict[str, Any]) -> None:
    json.dumps(merged(metadata))


def test_keywords_and_captions_become_moments_that_are_found() -> None:
    metadata = merged(
        {"iptc": {"keywords": ["koi pond"], "description": "Behind the slide", "city": "Napa"}, "xmp": {"headline": "Evening"}}
    )
    picture = material(path="IMG_0001.jpg", kind=Kind.IMAGE, exif=metadata)
    assert set(read(picture).exif.places) == {"koi pond", "Behind the slide", "Evening"}
    captions = {moment.text for moment in moments(picture, None) if moment.field == "caption"}
    assert captions == {"koi pond", "Behind the slide", "Evening"}
