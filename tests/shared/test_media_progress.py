"""What ffmpeg prints about its progress."""

from shared.media_progress import Progress, Pulse, blocks_of, progress_of


def test_progress_is_read_block_by_block() -> None:
    lines = "frame=0\nout_time_us=N/A\nspeed=N/A\nprogress=continue\nout_time_us=1500000\nspeed=   3x\nprogress=continue\n"
    lines += "out_time_us=-20000\nspeed=N/A\nprogress=continue\nout_time_us=9000000\nspeed=2.5x\nprogress=end\n"
    assert [progress_of(block, 6.0) for block in blocks_of(lines.splitlines())] == [
        None,
        Progress(1.5, 0.25, 3.0),
        Progress(0.0, 0.0, None),
        Progress(9.0, 1.0, 2.5),
    ]


def test_progress_of_unknown_length_has_no_fraction() -> None:
    assert progress_of({"out_time_us": "1000000", "speed": "1x"}, None) == Progress(1.0, None, 1.0)


def test_a_pulse_is_missed_when_nothing_new_is_said_for_too_long() -> None:
    clock = iter([0.0, 4.0, 9.0, 10.5, 14.0, 16.0, 17.0])
    pulse = Pulse(5.0, lambda: next(clock))
    said = ["1", "1", "2", "2", "2", "3"]
    assert [pulse.missed({"frame": frame, "speed": str(at)}) for at, frame in enumerate(said)] == [False] * 4 + [True, False]
