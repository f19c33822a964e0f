from datetime import UTC, datetime

from services.nova.local.description import describe, outside
from services.nova.provenance import Source
from tests.support.material import reading


def test_a_picture_is_told_by_what_is_around_it() -> None:
    told = describe(
        reading(
            path=r"C:\Users\Bob\Smith Residence\IMG_1.jpg",
            captured_at=datetime(2024, 8, 12, 9, tzinfo=UTC),
            camera="Canon EOS 40D",
            gps=(43.46745, 11.88513),
            exif={"ImageDescription": "the new grotto"},
        )
    )
    assert told.text == (
        "Picture IMG_1.jpg, in Smith Residence, taken on 2024-08-12, with Canon EOS 40D, at 43.46745, 11.88513, "
        "noted as “the new grotto”. Nobody looked at the picture."
    )
    assert {piece.source for piece in told.evidence} == {Source.FILENAME, Source.PATH, Source.EXIF}


def test_a_bare_picture_is_only_its_name() -> None:
    assert describe(reading(path="a.jpg")).text == "Picture a.jpg. Nobody looked at the picture."


def test_the_folder_speaks_where_the_camera_chose_the_name() -> None:
    assert outside(reading(path="Smith/IMG_1.mp4")).phrase == "Smith: IMG_1"
    assert outside(reading(path="Smith/grotto.mp4")).phrase == "grotto"
    assert outside(reading(path="")).phrase == "unnamed"
