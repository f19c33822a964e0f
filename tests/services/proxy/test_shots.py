"""What the scene filter prints."""

from services.proxy.shots import cuts

PRINTED = """\
frame:0    pts:0       pts_time:0
lavfi.scene_score=0.000000
frame:1    pts:177     pts_time:11.8
lavfi.scene_score=0.743849
frame:2    pts:235     pts_time:15.666667
lavfi.scene_score=0.300000
frame:3    pts:344     pts_time:22.933333
lavfi.scene_score=0.654291
"""


def test_frames_above_the_threshold_begin_shots() -> None:
    assert cuts(PRINTED) == (11.8, 22.933333)


def test_nothing_printed_is_no_cuts() -> None:
    assert cuts("") == ()
