"""The files of the pipeline benchmark."""

from pathlib import Path

import av

from tests.bench.tiny_files import make


def test_no_two_files_are_alike_and_half_are_photos_of_four_kilobytes(tmp_path: Path) -> None:
    files = [*make(tmp_path / "first", 8, seed=0), *make(tmp_path / "second", 8, seed=1)]
    assert len({file.read_bytes() for file in files}) == 16
    photos = [file for file in files if file.suffix == ".jpg"]
    assert len(photos) == 8
    assert all(3_000 <= photo.stat().st_size <= 5_000 for photo in photos)


def test_every_second_clip_has_sound(tmp_path: Path) -> None:
    clips = [file for file in make(tmp_path / "files", 8, seed=0) if file.suffix == ".mp4"]
    sounding = []
    for clip in clips:
        with av.open(str(clip)) as container:
            sounding.append(bool(container.streams.audio))
            assert sum(1 for _ in container.decode(video=0)) == 15
    assert sounding == [True, False, True, False]
