"""Which frame stands for a video."""

from dataclasses import replace

import pytest

from services.proxy.thumbnails import Look, best, clearance, exposure

GOOD = Look(at=5.0, brightness=0.45, contrast=0.2, clipped=0.02, sharpness=8.0, change=0.5)


@pytest.mark.parametrize(
    "flaw",
    [
        {"brightness": 0.03},
        {"brightness": 0.98},
        {"contrast": 0.01},
        {"clipped": 0.7},
        {"sharpness": 2.0},
        {"change": 9.0},
        {"at": 7.1},
    ],
    ids=lambda flaw: next(iter(flaw)),
)
def test_a_frame_with_a_flaw_loses(flaw: dict[str, float]) -> None:
    other = replace(GOOD, **flaw)
    assert best([other, GOOD, replace(GOOD, at=4.0, sharpness=7.9)], [7.0], 20.0) == 1


def test_of_equals_the_one_nearest_to_the_middle_is_taken() -> None:
    looks = [replace(GOOD, at=at) for at in (2.0, 4.0, 9.0, 11.5, 15.0)]
    assert best(looks, [], 20.0) == 2


def test_of_bad_frames_the_least_bad_is_taken() -> None:
    black = replace(GOOD, brightness=0.0, contrast=0.0, clipped=1.0, sharpness=0.0)
    assert best([black, replace(black, brightness=0.1), black], [], 1.0) == 1


def test_one_frame_is_taken_whatever_it_is() -> None:
    assert best([Look(0.0, 0.0, 0.0, 1.0, 0.0, 0.0)], [], 0.0) == 0


@pytest.mark.parametrize(("brightness", "share"), [(0.0, 0), (0.04, 0), (0.18, 1), (0.5, 1), (0.72, 1), (0.97, 0), (1.0, 0)])
def test_light_and_dark_have_bounds(brightness: float, share: float) -> None:
    assert exposure(brightness) == pytest.approx(share)


def test_a_frame_is_clear_of_the_cuts_before_and_after_it() -> None:
    edges = [0.0, 4.0, 4.4, 20.0]
    assert [clearance(at, edges) for at in (3.8, 4.2, 4.6)] == pytest.approx([1 / 3] * 3)
    assert clearance(4.0, edges) == 0.0
    assert clearance(10.0, edges) == 1.0
    assert clearance(20.0, edges) == clearance(25.0, edges) == 0.0
