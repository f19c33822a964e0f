"""Peaks of sound, however it is cut into pieces."""

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.proxy.waveform import FINEST, MOST, document


def peaks(samples: "np.ndarray[tuple[int], np.dtype[np.int16]]", *cuts: int) -> dict[str, object]:
    places = [0, *sorted(cuts), len(samples)]
    told: dict[str, object] = json.loads(document((samples[start:end] for start, end in pairwise(places)), 16000))
    return told


def test_each_point_is_lowest_and_highest_of_its_samples() -> None:
    samples = np.zeros(400, np.int16)
    samples[[10, 150, 399]] = (32767, -32768, 512)
    assert peaks(samples) == {
        "version": 2,
        "channels": 1,
        "sample_rate": 16000,
        "samples_per_pixel": 160,
        "bits": 8,
        "length": 3,
        "data": [-128, 127, 0, 0, 0, 2],
    }


@settings(deadline=None)
@given(st.integers(1, 3_000_000), st.lists(st.integers(0, 3_000_000), max_size=5), st.integers(0, 2**32 - 1))
def test_pieces_do_not_matter_and_points_stay_few(length: int, cuts: list[int], seed: int) -> None:
    samples = np.random.default_rng(seed).integers(-32768, 32767, length, np.int16)
    told = peaks(samples, *(min(cut, length) for cut in cuts))
    per_point = told["samples_per_pixel"]
    assert isinstance(per_point, int)
    groups = [samples[start : start + per_point] for start in range(0, length, per_point)]
    assert told["data"] == [int(value) >> 8 for group in groups for value in (group.min(), group.max())]
    assert told["length"] == len(groups) <= MOST
    assert per_point == FINEST or len(groups) >= MOST // 2


@pytest.mark.parametrize("pieces", [0, 3])
def test_no_samples_make_no_points(pieces: int) -> None:
    nothing = [np.empty(0, np.int16)] * pieces
    assert json.loads(document(nothing, 16000))["data"] == []
