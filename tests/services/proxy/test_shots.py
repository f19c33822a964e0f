"""Cuts, by how much each frame differs from the one before."""

import pytest

from services.proxy.shots import changes, cuts

PRINTED = """\
frame:0    pts:2       pts_time:0.133333
lavfi.scd.mafd=0.000
frame:1    pts:3       pts_time:0.2
lavfi.scd.mafd=21.250
frame:2    pts:6       pts_time:0.4
lavfi.scd.mafd=1.500
frame:0    pts:6       pts_time:0.4
lavfi.scd.mafd=9.000
"""


def test_measurements_are_put_at_their_frames() -> None:
    assert list(changes(PRINTED.splitlines(keepends=True))) == [0.0, 0.0, 0.0, 21.25, 0.0, 0.0, 1.5]
    assert list(changes([])) == []


STILL, PAN = [0.2] * 10, [9.0, 11.0, 10.0, 9.5, 11.0, 10.0, 9.0, 11.0]


@pytest.mark.parametrize(
    ("measured", "found"),
    [
        ([0.0, *STILL, 25.0, *STILL], (11,)),
        ([0.0, *STILL, 6.5, *STILL], (11,)),
        ([0.0, *STILL, 5.0, *STILL], ()),
        ([0.0, 30.0, *STILL], (1,)),
        ([0.0, *STILL, 30.0], (11,)),
        ([0.0, *PAN, *PAN], ()),
        ([0.0, *PAN, 30.0, *PAN], (9,)),
        ([0.0, *PAN, 15.0, *PAN], ()),
        ([0.0, *STILL, 30.0, 30.0, *STILL], ()),
        ([0.0, *STILL, 2.0, 4.0, 7.0, 8.0, 7.0, 4.0, 2.0, *STILL], ()),
        ([0.0, *[0.0] * 14, 60.0, *[0.0] * 14, 60.0, *[0.0] * 14], (15, 30)),
        ([0.0, *[8.0, 0.0, 0.0] * 8], ()),
        ([0.0, *[8.0, 0.0, 0.0] * 4, 40.0, 0.0, *[0.0, 8.0, 0.0] * 4], (13,)),
    ],
    ids=[
        "a cut",
        "between shots that are much alike",
        "somebody moves",
        "at the beginning",
        "at the end",
        "a fast pan",
        "within a fast pan",
        "a jerk in a fast pan",
        "a flash",
        "a dissolve",
        "slides, one a second",
        "a screen recorded five times a second",
        "a cut in it",
    ],
)
def test_a_cut_stands_out_from_what_is_around_it(measured: list[float], found: tuple[int, ...]) -> None:
    assert cuts(measured) == tuple(round(frame / 15, 3) for frame in found)


def test_nothing_measured_is_no_cut() -> None:
    assert cuts([]) == cuts([0.0]) == ()
