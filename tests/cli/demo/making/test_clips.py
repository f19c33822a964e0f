from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from cli.demo.making.clips import cuts, frame_count, frames
from cli.demo.making.encoding import Format, Sound, clip_arguments
from cli.demo.making.narration import Sentence
from cli.demo.making.painting import Picture
from cli.demo.making.script import CLIPS, PHOTOS, RECORDINGS, Clip, Line, Shot

NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)


class Plain:
    """A scene of one grey that brightens with its own clock."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self._size = (height, width, 3)

    def frame(self, time: float) -> Picture:
        return np.full(self._size, time, np.float32)


SPOKEN = Clip("a.mp4", NOON, (Shot(Plain, 0), Shot(Plain, 1)), (Line("red", 0.5), Line("blue", 0.3)), size=(16, 8), rate=10)
SENTENCES = (Sentence("red", 0.6, 1.0), Sentence("blue", 1.5, 2.0))


def test_cut_falls_on_a_frame_in_the_middle_of_the_pause() -> None:
    assert cuts(SPOKEN, SENTENCES) == (1.2,)


def test_clip_lasts_until_the_pause_after_the_last_sentence() -> None:
    assert frame_count(SPOKEN, SENTENCES) == 23


def test_silent_clip_is_cut_at_the_seconds_it_names() -> None:
    clip = Clip("b.mp4", NOON, (Shot(Plain, 0), Shot(Plain, 2)), rate=10, silent_seconds=3.0)

    assert (cuts(clip, ()), frame_count(clip, ())) == ((2.0,), 30)


def test_each_shot_starts_its_own_clock() -> None:
    levels = [int(frame[0, 0, 0]) for frame in frames(SPOKEN, (0.3,), 6)]

    assert levels == [0, 26, 51, 0, 26, 51]


def test_clip_without_sound_has_no_sound_stream() -> None:
    form = Format(16, 8, 10, 30, "aac")

    silent = clip_arguments(form, None, NOON, Path("clip.mp4"))
    spoken = clip_arguments(form, Sound(Path("voice.wav"), as_it_is=False), NOON, Path("clip.mp4"))

    assert "-an" in silent
    assert "-c:a" not in silent
    assert spoken[spoken.index("-c:a") + 1] == "aac"


def test_kept_sound_is_not_encoded_again() -> None:
    arguments = clip_arguments(Format(16, 8, 10, 30, "aac"), Sound(Path("old.mp4"), as_it_is=True), NOON, Path("clip.mp4"))

    assert arguments[arguments.index("-c:a") + 1] == "copy"


@pytest.mark.parametrize("clip", CLIPS, ids=[Path(clip.path).stem for clip in CLIPS])
def test_every_scene_draws_pictures_that_move(clip: Clip) -> None:
    for shot in clip.shots:
        scene = shot.scene(160, 90, np.random.default_rng(1))
        first, later = scene.frame(1.0), scene.frame(1.5)

        assert first.shape == (90, 160, 3)
        assert first.std() > 0.05
        assert np.abs(first - later).mean() > 1e-4


def test_scene_is_the_same_for_the_same_seed() -> None:
    for clip in CLIPS:
        first, again = (clip.shots[0].scene(80, 45, np.random.default_rng(3)).frame(2.0) for _ in range(2))

        assert np.array_equal(first, again)


def test_no_two_samples_share_a_path() -> None:
    paths = [item.path for item in (*CLIPS, *RECORDINGS, *PHOTOS)]

    assert len(paths) == len(set(paths))
