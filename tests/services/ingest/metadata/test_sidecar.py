from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.ingest.inspection.looking import inspect
from services.ingest.limits import Limits
from services.ingest.metadata.sidecar import with_sidecar
from services.ingest.outcome import Candidate, Description, Inspected
from shared.contracts import Kind
from tests.support.media import tiny_photo
from tests.support.xmp import alternatives, bag, packet

WORDS = packet(
    bag("dc:subject", "koi"),
    alternatives("dc:title", x_default="Dusk"),
    exif_DateTimeOriginal="2021-05-01T10:00:00+02:00",
    exif_GPSLatitude="37,46.494N",
    exif_GPSLongitude="122,25,10W",
    tiff_Model="FX6",
)
PLAIN = Description(kind=Kind.VIDEO, metadata={"xmp": {"title": "inside", "keywords": ["pool"]}})


@pytest.mark.parametrize("name", ["clip.xmp", "clip.mov.xmp"])
def test_a_sidecar_is_read_under_either_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(WORDS)
    found = with_sidecar(PLAIN, str(tmp_path / "clip.mov"))
    assert found.metadata["Title"] == "Dusk"
    assert found.metadata["Keywords"] == ["koi", "pool"]
    assert found.metadata["sidecar"] == {"title": "Dusk", "keywords": ["koi"]}
    assert found.metadata["captured_from"] == "sidecar"
    assert found.captured_at == datetime(2021, 5, 1, 8, tzinfo=UTC)
    assert (found.latitude, found.longitude, found.camera) == (37.7749, -122.4194444, "FX6")


def test_the_one_for_the_whole_name_counts(tmp_path: Path) -> None:
    (tmp_path / "clip.xmp").write_bytes(packet(alternatives("dc:title", x_default="of the raw file")))
    (tmp_path / "clip.mov.xmp").write_bytes(WORDS)
    assert with_sidecar(PLAIN, str(tmp_path / "clip.mov")).metadata["Title"] == "Dusk"


def test_time_place_and_camera_of_the_file_itself_stay(tmp_path: Path) -> None:
    (tmp_path / "clip.xmp").write_bytes(WORDS)
    own = Description(
        kind=Kind.VIDEO, captured_at=datetime(2020, 1, 1, tzinfo=UTC), latitude=1.0, longitude=2.0, camera="A7", metadata={}
    )
    found = with_sidecar(own, str(tmp_path / "clip.mov"))
    assert (found.captured_at, found.latitude, found.longitude, found.camera) == (own.captured_at, 1.0, 2.0, "A7")
    assert "captured_from" not in found.metadata


def test_without_a_sidecar_nothing_changes(tmp_path: Path) -> None:
    (tmp_path / "clip.xmp").mkdir()
    assert with_sidecar(PLAIN, str(tmp_path / "clip.mov")) is PLAIN
    assert with_sidecar(PLAIN, str(tmp_path / ("x" * 300))) is PLAIN
    assert with_sidecar(PLAIN, "/nowhere/clip.mov") is PLAIN


def test_it_is_read_with_the_file(tmp_path: Path) -> None:
    photo = tiny_photo(tmp_path / "clip.jpg")
    (tmp_path / "clip.xmp").write_bytes(WORDS)
    limits = Limits(video=1 << 20, image=1 << 20, audio=1 << 20)
    found = inspect(Candidate(bytes(photo)), limits, lambda: None)
    assert isinstance(found, Inspected)
    assert found.description.metadata["Title"] == "Dusk"


def test_a_sidecar_that_makes_no_sense_adds_nothing(tmp_path: Path) -> None:
    (tmp_path / "clip.xmp").write_bytes(b"\0\xff no packet at all")
    found = with_sidecar(PLAIN, str(tmp_path / "clip.mov"))
    assert found.metadata["Title"] == "inside"
    assert "sidecar" not in found.metadata
