"""What is said of uploads that are not what they were announced to be."""

from dataclasses import dataclass

import pytest

from services.ingest.settings import IngestSettings
from services.search.uploads.checks import chosen, cut_of, hint_for, name_of, numbers, readable
from services.search.uploads.limits import UploadLimits
from shared.contracts import Kind
from shared.errors import Conflict, Invalid
from shared.parts import MOST_PARTS, SMALLEST_PART, Cut, Part

CUT = Cut(25, 10)
STORED = [Part(1, 10, "a"), Part(1, 10, "old"), Part(2, 10, "b"), Part(3, 5, "c")]


@dataclass(frozen=True)
class Named:
    number: int
    etag: str


def named(*etags: str) -> list[Named]:
    return [Named(number, etag) for number, etag in enumerate(etags, 1)]


def test_the_parts_that_are_named_are_chosen_in_order() -> None:
    wanted = [Named(3, '"c"'), Named(1, "a"), Named(2, '"b"')]
    assert chosen(wanted, STORED, CUT) == [Part(1, 10, "a"), Part(2, 10, "b"), Part(3, 5, "c")]
    assert chosen(named("old", "b", "c"), STORED, CUT)[0] == Part(1, 10, "old")


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (named("a", "b"), "lacks part 3"),
        ([], "lacks parts 1, 2, 3:"),
        (named("a", "x", "y"), "does not have parts 2, 3 with this etag"),
        ([*named("a", "b", "c"), Named(4, "d")], "has 3 parts, so there is no part 4"),
        ([*named("a", "b", "c"), Named(3, "c")], "names a part twice"),
    ],
)
def test_a_list_that_does_not_fit_is_refused(wanted: list[Named], sentence: str) -> None:
    with pytest.raises(Conflict, match=sentence):
        chosen(wanted, STORED, CUT)


def test_a_part_of_another_size_is_refused() -> None:
    with pytest.raises(Conflict, match="Part 2 has 9 bytes instead of 10"):
        chosen(named("a", "b", "c"), [Part(1, 10, "a"), Part(2, 9, "b"), Part(3, 5, "c")], CUT)


def test_long_lists_of_parts_are_counted() -> None:
    assert numbers([3]) == "part 3"
    assert numbers(range(9, 0, -1)) == "parts 1, 2, 3, 4, 5 and 4 more"


def test_what_cannot_be_cut_is_refused() -> None:
    with pytest.raises(Invalid, match="empty"):
        cut_of(0, None)
    with pytest.raises(Invalid, match="10000 is the most"):
        cut_of(SMALLEST_PART * MOST_PARTS + 1, SMALLEST_PART)
    assert cut_of(SMALLEST_PART * MOST_PARTS, SMALLEST_PART).count == MOST_PARTS


def test_a_name_of_nothing_is_refused() -> None:
    with pytest.raises(Invalid, match="name"):
        name_of("../")


def test_a_hint_goes_by_the_name() -> None:
    limits = {Kind.VIDEO: 100, Kind.IMAGE: 10, Kind.AUDIO: 50}
    assert hint_for("a.jpg", 10, limits) is None
    assert "photo, it will be refused: it has 11 bytes" in (hint_for("a.jpg", 11, limits) or "")
    assert "LARGEST_AUDIO" in (hint_for("a.mp3", 51, limits) or "")
    assert hint_for("a.mp4", 51, limits) is None
    assert hint_for("a.unknown", 1000, limits) is None


def test_sizes_are_written_as_people_do() -> None:
    assert [readable(size) for size in (0, 1023, 15 << 20, 10 << 30)] == ["0 bytes", "1023 bytes", "15.0 MiB", "10.0 GiB"]


def test_the_gateway_and_the_ingest_service_agree_on_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for settings in ({}, {"SPILLWAY_INGEST_LARGEST_IMAGE": "20MiB", "SPILLWAY_INGEST_LARGEST_VIDEO": "1GiB"}):
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        theirs, ours = IngestSettings(), UploadLimits()
        assert (theirs.largest_video, theirs.largest_image, theirs.largest_audio) == tuple(ours.by_kind.values())
    assert ours.largest == 10 << 30
