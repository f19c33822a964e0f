"""What ffmpeg says, beside what people are told. The messages are ffmpeg's own, as it wrote them about such files."""

import pytest

from shared.errors import BadMedia, Permanent, Transient, Unavailable
from shared.media_faults import DiskFull, Killed, MediaFailed, TookTooLong, explain, fault

NO_INDEX = """\
[in#0 @ 0x55cfe22e86c0] moov atom not found
[in#0 @ 0x55cfe22e8380] Error opening input: Invalid data found when processing input
Error opening input file file:/media/clip.mp4.
Error opening input files: Invalid data found when processing input"""
DISK_FULL = """\
[out#0/matroska @ 0x55df5b599140] Error writing trailer: No space left on device
[out#0/matroska @ 0x55df5b599140] Error closing file: No space left on device"""
PLAYLIST = """\
[in#0 @ 0x556ce3a396c0] Format not on whitelist 'aac,aiff,avi'
[in#0 @ 0x556ce3a39380] Error opening input: Invalid argument"""
ENDED = "[in#0 @ 0x56288aa64380] Error opening input: Input/output error"
NO_STREAM = """\
Stream map '' matches no streams.
To ignore this, add a trailing '?' to the map."""

NO_SIZE = """\
[null @ 0x55dbb225fc00] dimensions not set
[out#0/null @ 0x55dbb225ed40] Could not write header (incorrect codec parameters ?): Invalid argument
Conversion failed!"""
NOT_BOUND = """\
[vist#0:0/h264 @ 0x55b1c1c69340] [dec:h264 @ 0x55b1c1cb9300] Error while opening decoder: Invalid argument
[fc#1 @ 0x55b1c1c2f900] Error binding an input stream to complex filtergraph input setparams:default.
Error binding filtergraph inputs/outputs: Invalid argument"""
NO_FRAMES = """\
[fc#0 @ 0x55b8d0cd0f00] [vo0->fg:1:0 @ 0x55b8d0ce9440] No filtered frames for output stream, trying to initialize anyway.
[vist#0:0/ffv1 @ 0x55c097cab000] [dec:ffv1 @ 0x55c097cca200] Decoding error: Invalid data found when processing input"""
NO_THREAD = "[in#0/mov @ 0x5570c381bf40] pthread_create() failed: Resource temporarily unavailable"


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        (NO_INDEX, "The video is incomplete: its index is missing. Copy it again from the camera or card."),
        (DISK_FULL, "The disk is full. Free some space"),
        (PLAYLIST, "The file is only a list that points to other files"),
        (ENDED, "The file breaks off, or its disk reports errors."),
        (NO_STREAM, "The file has no picture and no sound that can be used."),
        ("[in#0 @ 0x1] Error opening input: Permission denied", "The file may not be read. Let the user that runs Spillway"),
        ("[in#0 @ 0x1] Error opening input: No such file or directory", "The file is no longer where it was."),
        (
            "[in#0 @ 0x1] Error opening input: Invalid data found when processing input",
            "The file is damaged, or not of the kind",
        ),
        ("[vist#0:0/none @ 0x1] Decoding requested, but no decoder found for: none", "The file is in a codec that cannot be"),
        ("[AVFilterGraph @ 0x1] Cannot allocate memory", "The file needs more memory than a conversion may take."),
        ("[enc:libx264 @ 0x1] Error while opening encoder - maybe incorrect parameters", "The file needs more memory"),
        ("[enc:aac @ 0x1] Could not open encoder before EOF", "Nothing in the file could be decoded."),
        ("first\nsecond of its kind\n\n", "The file could not be converted (second of its kind)."),
        ("", "The file could not be converted (no message)."),
        (NO_SIZE, "The file is damaged, or not of the kind"),
        (NOT_BOUND, "The file is damaged, or not of the kind"),
        (NO_FRAMES, "The file is damaged: no picture could be decoded."),
        (NO_FRAMES.replace("vo0", "ao0"), "The file is damaged: no sound could be decoded."),
    ],
)
def test_a_log_is_explained_in_a_sentence(log: str, sentence: str) -> None:
    assert explain(log).startswith(sentence)
    assert explain(log).endswith(".")


def test_what_is_not_known_is_shown_without_addresses() -> None:
    said = explain("[aost#1:0/aac @ 0x55db66050480] [enc:aac @ 0x55db66050481] Error encoding a frame")
    assert said.startswith("The file could not be converted (Error encoding a frame).")


def test_of_what_is_not_known_the_last_line_is_shown_that_says_something() -> None:
    lines = ["[enc:aac @ 0x1] Too wild", "[aost#1:0/aac @ 0x1] Task finished with error code: -22", "Conversion failed!", ""]
    assert explain("\n".join(lines)).startswith("The file could not be converted (Too wild).")
    assert explain("Conversion failed!").startswith("The file could not be converted (no message).")


def test_a_file_is_not_blamed_for_a_full_disk() -> None:
    error = fault(228, DISK_FULL)
    assert isinstance(error, DiskFull)
    assert isinstance(error, Unavailable)


@pytest.mark.parametrize(("code", "log"), [(-9, ""), (-15, ""), (255, "Exiting normally, received signal 15.")])
def test_being_killed_from_outside_passes(code: int, log: str) -> None:
    error = fault(code, log)
    assert isinstance(error, Killed)
    assert isinstance(error, Transient)


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        ("", "ffmpeg crashed on this file, which is likely to be damaged."),
        (NO_FRAMES, "The file is damaged: no picture could be decoded."),
        (f"{NO_THREAD}\n{NO_FRAMES}", "The file needs more memory than a conversion may take."),
    ],
)
def test_a_crash_is_the_files_fault(log: str, sentence: str) -> None:
    error = fault(-11, log)
    assert isinstance(error, MediaFailed)
    assert isinstance(error, Permanent)
    assert str(error).startswith(sentence)


def test_a_failure_keeps_the_log() -> None:
    error = fault(183, NO_INDEX)
    assert isinstance(error, MediaFailed)
    assert error.log == NO_INDEX


def test_a_time_limit_says_what_to_do() -> None:
    error = TookTooLong(90.0)
    assert isinstance(error, BadMedia)
    assert "stopped after 90 s" in str(error)
    assert "SPILLWAY_PROXY_TIME_LIMIT" in str(error)
