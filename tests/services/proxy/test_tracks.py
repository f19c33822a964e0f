"""Which sound track is taken."""

from pathlib import Path

from services.proxy.footage import Track
from services.proxy.tracks import listened_to, loudest, places, sampling_arguments

LOG = """\
[volumedetect@t0 @ 0x55a224651280] n_samples: 0
[volumedetect@t0 @ 0x7f5ad80022c0] n_samples: 882000
[volumedetect@t0 @ 0x7f5ad80022c0] max_volume: -91.0 dB
[volumedetect@t12 @ 0x7f5aec0024c0] max_volume: -17.7 dB
"""
FIRST, SECOND, MEANT = Track(0), Track(1), Track(2, default=True)


def test_the_loudest_sample_of_each_is_read() -> None:
    assert loudest(LOG) == {0: -91.0, 12: -17.7}


def test_the_track_meant_to_be_played_is_taken_if_it_has_sound() -> None:
    assert listened_to([FIRST, SECOND, MEANT], {0: -10.0, 1: -5.0, 2: -30.0}) == MEANT


def test_else_the_first_that_has_sound() -> None:
    assert listened_to([FIRST, SECOND, MEANT], {0: -91.0, 1: -20.0, 2: -91.0}) == SECOND


def test_a_track_of_which_nothing_could_be_heard_is_passed_over() -> None:
    assert listened_to([MEANT, SECOND], {1: -20.0}) == SECOND


def test_where_all_are_silent_the_preferred_one_is_taken() -> None:
    assert listened_to([FIRST, MEANT], {0: -91.0, 2: -91.0}) == MEANT
    assert listened_to([], {}) is None


def test_long_sound_is_heard_in_three_places_and_unknown_at_the_start() -> None:
    assert places(100.0) == [("-ss", "5.000", "-t", "10"), ("-ss", "45.000", "-t", "10"), ("-ss", "85.000", "-t", "10")]
    assert places(None) == places(20.0) == [("-t", "60")]


def test_every_track_is_heard_in_one_run() -> None:
    arguments = sampling_arguments(Path("/films/a.mkv"), [FIRST, SECOND], 100.0)
    assert arguments.count("file:/films/a.mkv") == 3
    graphs = [arguments[place + 1] for place, word in enumerate(arguments) if word == "-filter_complex"]
    assert graphs == [
        "[0:a:0][1:a:0][2:a:0]concat=n=3:v=0:a=1,volumedetect@t0",
        "[0:a:1][1:a:1][2:a:1]concat=n=3:v=0:a=1,volumedetect@t1",
    ]
