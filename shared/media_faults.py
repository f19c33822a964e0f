"""What went wrong in ffmpeg, in a sentence for the person whose file it is."""

import re

from shared.errors import BadMedia, SpillwayError, Transient, Unavailable


class MediaFailed(BadMedia):
    """ffmpeg gave up on the file; `log` is the end of what it said."""

    def __init__(self, sentence: str, log: str) -> None:
        super().__init__(sentence)
        self.log = log


class TookTooLong(BadMedia):
    """The work reached its time limit."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The conversion was stopped after {seconds:.0f} s, the longest it may take. "
            "The file may be damaged; if it plays well, raise SPILLWAY_PROXY_TIME_LIMIT and try it again."
        )


class TooLarge(BadMedia):
    """What came out reached its size limit."""

    def __init__(self, size: int) -> None:
        super().__init__(
            f"The conversion was stopped at {size / 1e6:,.0f} MB, the most that may come out of one file. "
            "Its times may be damaged; if it plays well, raise SPILLWAY_PROXY_OUTPUT_LIMIT and try it again."
        )


class DiskFull(Unavailable):
    """There is no room for temporary files."""


class Killed(Transient):
    """Something outside, such as the system when it is short of memory, ended ffmpeg."""


class Stalled(Transient):
    """Nothing came out of ffmpeg for a long time."""


STALLED = (
    "The conversion stood still. Check that the disk or network drive that holds the file can be read, and the file plays."
)
DISK_FULL = "The disk is full. Free some space on the disk of the temporary folder; the file is then tried again by itself."
KILLED = "The conversion was ended from outside, perhaps because the machine is short of memory. It is tried again."
DAMAGED = "The file is damaged, or not of the kind that its name says. Check that it plays, or copy it again."
PLAYS = "Check that it plays; if it does, convert it with another program."
CRASHED = f"ffmpeg crashed on this file, which is likely to be damaged. {PLAYS}"

CRASHES = (
    (
        # x264 does not say why it cannot be opened; as its options are ours and fixed, memory is what can be missing.
        r"cannot allocate memory|malloc of size|resource temporarily unavailable|error while opening encoder",
        "The file needs more memory than a conversion may take. Raise SPILLWAY_PROXY_MEMORY_LIMIT and try it again.",
    ),
    (
        r"\[vo\d[^]]*\] no filtered frames",
        "The file is damaged: no picture could be decoded. Check that it plays, or copy it again from the camera or card.",
    ),
    (
        r"no filtered frames",
        "The file is damaged: no sound could be decoded. Check that it plays, or copy it again from the recorder or card.",
    ),
)
"""What ffmpeg says before it crashes, too: a graph that follows another takes no end without a frame before it."""
TELLING = re.compile("|".join(pattern for pattern, _ in CRASHES).encode(), re.IGNORECASE)
"""Lines to keep, however much is said after them; some of them are mere warnings."""

SENTENCES = tuple(
    (re.compile(pattern, re.IGNORECASE), sentence)
    for pattern, sentence in (
        (r"no space left on device|disk quota exceeded", DISK_FULL),
        (
            r"moov atom not found",
            "The video is incomplete: its index is missing. Copy it again from the camera or card.",
        ),
        (
            r"permission denied",
            "The file may not be read. Let the user that runs Spillway read it, then import it again.",
        ),
        (
            r"no such file or directory",
            "The file is no longer where it was. Import its folder again.",
        ),
        (
            r"input/output error",
            "The file breaks off, or its disk reports errors. Copy it again, and check the disk or the network drive.",
        ),
        *CRASHES,
        (
            r"not on whitelist|not in whitelist|unsafe file name",
            "The file is only a list that points to other files or addresses. Import the media files themselves.",
        ),
        (
            r"no decoder found|decoder \S+ not found|unknown codec|codec not currently supported|unsupported codec",
            "The file is in a codec that cannot be decoded here. Convert it to H.264 or ProRes and import that.",
        ),
        (
            r"matches no streams|does not contain any stream",
            "The file has no picture and no sound that can be used. Check that it plays.",
        ),
        (
            r"cannot determine format of input",
            "Nothing in the file could be decoded. Check that it plays, or copy it again from the camera or card.",
        ),
        (
            r"header parsing failed|error opening input: end of file|invalid data found when processing input",
            DAMAGED,
        ),
        (
            r"dimensions not set|could not write header|error while opening decoder|error binding",
            DAMAGED,
        ),
        (
            r"could not open encoder before eof|received no packets",
            "Nothing in the file could be decoded. Check that it plays, or copy it again from the camera or card.",
        ),
    )
)

SPEAKER = re.compile(r"^(\[[^]]* @ 0x[0-9a-f]+\] )+")
"""Which part of ffmpeg says a line; its address means nothing to people."""
NO_REASON = re.compile(r"conversion failed!|error opening output files?\b|task finished|terminating thread", re.IGNORECASE)
"""How lines begin that only say that something failed, after those that say what."""


def explain(log: str) -> str:
    """What the end of ffmpeg's log means; an unknown message is shown as it is."""
    return _known(log) or f"The file could not be converted ({_reason(log)}). {PLAYS}"


def fault(code: int, log: str) -> SpillwayError:
    """The error that an exit status other than 0 stands for: ours to wait for, or the file's own."""
    sentence = explain(log)
    if sentence == DISK_FULL:
        return DiskFull(sentence)
    if code in {-9, -15} or "received signal 15" in log:
        return Killed(KILLED)
    if code < 0:
        return MediaFailed(_known(log) or CRASHED, log)
    return MediaFailed(sentence, log)


def _known(log: str) -> str | None:
    return next((sentence for pattern, sentence in SENTENCES if pattern.search(log)), None)


def _reason(log: str) -> str:
    """The last line that says something."""
    said = (SPEAKER.sub("", line.strip()) for line in reversed(log.splitlines()))
    return next((line[:200] for line in said if line and not NO_REASON.match(line)), "no message")
