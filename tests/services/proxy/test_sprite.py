"""Where tiles lie and when they are shown."""

from uuid import UUID

import pytest

from services.proxy.sprite import Sheet, sheet, webvtt

FILE = UUID("019a9f00-0000-7000-8000-000000000002")
IMAGE = f"/api/files/{FILE}/renditions/sprite"


@pytest.mark.parametrize(
    ("tiles", "frame", "size"),
    [
        (100, (320, 180), (1600, 900)),
        (3, (320, 180), (480, 90)),
        (11, (320, 180), (1600, 180)),
        (100, (320, 569), (1600, 2840)),
        (100, (274, 640), (1370, 3200)),
        (1, (64, 48), (64, 48)),
        (100, (320, 1), (1600, 10)),
    ],
)
def test_a_sheet_is_never_larger_than_browsers_show(tiles: int, frame: tuple[int, int], size: tuple[int, int]) -> None:
    made = sheet(tiles, *frame)
    assert made.size == size
    assert max(made.size) <= 4096


def test_tiles_lie_in_rows() -> None:
    assert [Sheet(25, 160, 90).place(tile) for tile in (0, 9, 10, 24)] == [(0, 0), (1440, 0), (0, 90), (640, 180)]


def test_cues_cover_the_whole_video_and_nothing_else() -> None:
    assert webvtt(Sheet(3, 160, 90), [0.2, 1.6, 3601.6], 7205.0625, FILE) == (
        "WEBVTT\n\n"
        f"00:00:00.000 --> 00:00:01.600\n{IMAGE}#xywh=0,0,160,90\n\n"
        f"00:00:01.600 --> 01:00:01.600\n{IMAGE}#xywh=160,0,160,90\n\n"
        f"01:00:01.600 --> 02:00:05.062\n{IMAGE}#xywh=320,0,160,90\n"
    )
