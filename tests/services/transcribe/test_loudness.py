"""How loud it is, and where a cut harms least."""

import numpy as np
import pytest

from services.transcribe.loudness import FLOOR, FRAME, level, levels, pause

SECOND = 16000


def tone(seconds: float, amplitude: float) -> np.ndarray:
    times = np.arange(int(seconds * SECOND)) / SECOND
    return (amplitude * np.sin(2 * np.pi * 200 * times)).astype(np.float32)


def sound(*parts: tuple[float, float]) -> np.ndarray:
    """Tones of so many seconds, so loud."""
    return np.concatenate([tone(seconds, amplitude) for seconds, amplitude in parts])


def test_a_full_sine_is_three_decibels_below_full_scale() -> None:
    heard = levels(tone(1.0, 1.0))
    assert len(heard) == SECOND // FRAME
    assert heard == pytest.approx(np.full(50, -3.0), abs=0.1)
    assert levels(np.zeros(FRAME, dtype=np.float32)) == pytest.approx([FLOOR])
    assert len(levels(np.zeros(0, dtype=np.float32))) == 0


def test_the_level_is_that_of_the_loud_moments() -> None:
    heard = levels(sound((0.8, 0.0), (0.2, 1.0)))
    assert level(heard, 0, SECOND) == pytest.approx(-3.0, abs=0.5)
    assert level(heard, 0, SECOND // 2) == FLOOR
    assert level(heard, 5 * SECOND, 6 * SECOND) == FLOOR


def test_the_cut_is_in_the_middle_of_the_pause() -> None:
    heard = levels(sound((3.0, 0.5), (1.0, 0.001), (2.0, 0.5)))
    assert pause(heard, 0, 6 * SECOND) == pytest.approx(3.5 * SECOND, abs=0.1 * SECOND)


def test_the_longer_of_two_quiet_pauses_is_taken() -> None:
    heard = levels(sound((2.0, 0.5), (0.4, 0.001), (2.0, 0.5), (0.9, 0.001), (1.0, 0.5)))
    assert pause(heard, 0, len(heard) * FRAME) == pytest.approx(4.85 * SECOND, abs=0.15 * SECOND)
    assert pause(heard[::-1], 0, len(heard) * FRAME) == pytest.approx(1.45 * SECOND, abs=0.15 * SECOND)


def test_the_quieter_pause_is_taken_before_a_longer_noisy_one() -> None:
    heard = levels(sound((1.0, 0.5), (0.5, 0.0001), (1.0, 0.5), (2.0, 0.05), (1.0, 0.5)))
    assert pause(heard, 0, len(heard) * FRAME) == pytest.approx(1.25 * SECOND, abs=0.15 * SECOND)


def test_of_two_alike_the_later_one_is_taken() -> None:
    heard = levels(sound((1.0, 0.5), (0.5, 0.0), (1.0, 0.5), (0.5, 0.0), (1.0, 0.5)))
    assert pause(heard, 0, len(heard) * FRAME) == pytest.approx(2.75 * SECOND, abs=0.15 * SECOND)


def test_only_the_zone_is_looked_at() -> None:
    heard = levels(sound((1.0, 0.0), (3.0, 0.5), (0.5, 0.01), (1.5, 0.5)))
    assert pause(heard, 2 * SECOND, 6 * SECOND) == pytest.approx(4.25 * SECOND, abs=0.15 * SECOND)
    assert 2 * SECOND <= pause(heard, 2 * SECOND, 4 * SECOND) <= 4 * SECOND
    assert pause(heard, 90 * SECOND, 100 * SECOND) == 100 * SECOND
