"""The bundled samples are what their manifest says they are."""

import itertools
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import ExifTags, Image
from pillow_heif import register_heif_opener

register_heif_opener()

DEMO = Path(__file__).resolve().parents[3] / "cli" / "demo"
SAMPLES = DEMO / "samples"
FILES: list[dict[str, Any]] = json.loads((DEMO / "samples.json").read_text(encoding="utf-8"))["files"]
SEARCHES: list[dict[str, Any]] = json.loads((DEMO / "searches.json").read_text(encoding="utf-8"))
VOCABULARY = set((DEMO / "model" / "vocabulary_words.txt").read_text(encoding="utf-8").split())

SIZE_LIMIT = 8_000_000
CLOSE = 0.1
"""Seconds by which a container may differ from the truth: sound comes in packets."""


def of_kind(*kinds: str) -> list[Any]:
    return [pytest.param(row, id=Path(row["path"]).name) for row in FILES if row["kind"] in kinds]


def test_samples_are_small_enough_to_bundle() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < SIZE_LIMIT


def test_manifest_names_every_file_and_no_other() -> None:
    found = {path.relative_to(SAMPLES).as_posix() for path in SAMPLES.rglob("*") if path.is_file()}

    assert {row["path"] for row in FILES} == found


def test_samples_show_every_kind_a_newcomer_brings() -> None:
    kinds = [row["kind"] for row in FILES]
    suffixes = {Path(row["path"]).suffix for row in FILES}

    assert (kinds.count("video"), kinds.count("audio"), kinds.count("image")) == (7, 1, 5)
    assert {".mp4", ".mov", ".mkv", ".m4a", ".jpg", ".png", ".heic"} == suffixes


@pytest.mark.parametrize("row", of_kind("video", "audio"))
def test_duration_is_true(row: dict[str, Any]) -> None:
    with av.open(str(SAMPLES / row["path"])) as container:
        assert container.duration is not None
        assert container.duration / 1e6 == pytest.approx(row["seconds"], abs=CLOSE)


@pytest.mark.parametrize("row", of_kind("video"))
def test_pictures_have_the_size_and_rate_of_the_manifest(row: dict[str, Any]) -> None:
    with av.open(str(SAMPLES / row["path"])) as container:
        stream = container.streams.video[0]

        assert (stream.width, stream.height, stream.average_rate) == (row["width"], row["height"], row["rate"])
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")


@pytest.mark.parametrize("row", of_kind("video", "audio"))
def test_sound_is_there_exactly_when_somebody_speaks(row: dict[str, Any]) -> None:
    with av.open(str(SAMPLES / row["path"])) as container:
        assert bool(container.streams.audio) == bool(row.get("sentences"))


@pytest.mark.parametrize("row", of_kind("video", "audio"))
def test_recording_time_is_written_in_the_container(row: dict[str, Any]) -> None:
    with av.open(str(SAMPLES / row["path"])) as container:
        written = datetime.fromisoformat(next(v for k, v in container.metadata.items() if k.lower() == "creation_time"))

    assert written == datetime.fromisoformat(row["taken"])


@pytest.mark.parametrize("row", of_kind("video"))
def test_picture_changes_at_every_cut_and_nowhere_else(row: dict[str, Any]) -> None:
    frames = [round(cut * row["rate"]) for cut in row["cuts"]]
    jumps = differences(SAMPLES / row["path"])

    largest = sorted(np.argsort(jumps)[-len(frames) :] + 1)

    assert largest == frames
    assert min(jumps[frame - 1] for frame in frames) > 3 * np.sort(jumps)[-len(frames) - 1]


def differences(path: Path) -> list[float]:
    """How much each frame differs from the one before."""
    with av.open(str(path)) as container:
        pictures = [frame.reformat(160, 90, "gray").to_ndarray().astype(float) for frame in container.decode(video=0)]
    return [float(np.abs(after - before).mean()) for before, after in itertools.pairwise(pictures)]


@pytest.mark.parametrize("row", of_kind("video", "audio"))
def test_only_words_of_the_vocabulary_are_spoken_and_in_order(row: dict[str, Any]) -> None:
    sentences = row.get("sentences", [])
    times = [time for sentence in sentences for time in (sentence["start"], sentence["end"])]

    assert {word for sentence in sentences for word in sentence["text"].split()} <= VOCABULARY
    assert times == sorted(times)
    assert all(time < row["seconds"] for time in times)


@pytest.mark.parametrize("row", of_kind("image"))
def test_photographs_carry_their_exif(row: dict[str, Any]) -> None:
    with Image.open(SAMPLES / row["path"]) as image:
        exif = image.getexif()
        details, position = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
        assert image.size == (row["width"], row["height"])

    if "camera" not in row:
        assert not exif
        return
    camera = (exif[ExifTags.Base.Make], exif[ExifTags.Base.Model], details[ExifTags.Base.LensModel])
    assert camera == tuple(row["camera"].values())
    assert exif[ExifTags.Base.Orientation] == row["orientation"]
    assert taken(details) == datetime.fromisoformat(row["taken"])
    assert bool(position) == ("gps" in row)
    if position:
        assert coordinates(position) == pytest.approx(row["gps"], abs=1e-5)


def taken(details: dict[int, Any]) -> datetime:
    text = details[ExifTags.Base.DateTimeOriginal] + details[ExifTags.Base.OffsetTimeOriginal]
    return datetime.strptime(text, "%Y:%m:%d %H:%M:%S%z")


def coordinates(position: dict[int, Any]) -> tuple[float, float, float]:
    def degrees(parts: tuple[float, float, float], reference: str) -> float:
        angle = float(parts[0]) + float(parts[1]) / 60 + float(parts[2]) / 3600
        return -angle if reference in ("S", "W") else angle

    gps = ExifTags.GPS
    latitude = degrees(position[gps.GPSLatitude], position[gps.GPSLatitudeRef])
    longitude = degrees(position[gps.GPSLongitude], position[gps.GPSLongitudeRef])
    return latitude, longitude, float(position[gps.GPSAltitude])


def test_one_photograph_has_to_be_turned() -> None:
    assert [row["orientation"] for row in FILES if row.get("orientation", 1) != 1] == [6]


@pytest.mark.parametrize("search", SEARCHES, ids=[search["q"] for search in SEARCHES])
def test_searches_expect_the_start_of_a_sentence(search: dict[str, Any]) -> None:
    (row,) = [row for row in FILES if row["path"] == search["path"]]

    assert search["start"] in [sentence["start"] for sentence in row["sentences"]]


def test_searches_are_by_words_by_meaning_and_by_place() -> None:
    exact, meaning, place = ((set(search["q"].lower().split()), sentence_of(search)) for search in SEARCHES)

    assert exact[0] <= exact[1]
    assert not meaning[0] & meaning[1]
    assert place[0] & place[1]
    assert place[0] - place[1] <= set(SEARCHES[2]["path"].lower().split())


def sentence_of(search: dict[str, Any]) -> set[str]:
    rows = [row for row in FILES if row["path"] == search["path"]]
    return {
        word for sentence in rows[0]["sentences"] if sentence["start"] == search["start"] for word in sentence["text"].split()
    }
