"""Which encoder makes proxies: NVENC where it works, else x264. Pure: `media_nvenc` finds out whether it does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.errors import Permanent


class Encoder(StrEnum):
    """What makes H.264."""

    X264 = "x264"
    NVENC = "nvenc"


class Wish(StrEnum):
    """What a person may ask for."""

    AUTO = "auto"
    X264 = "x264"
    NVENC = "nvenc"


QUALITY: Mapping[Encoder, str] = {Encoder.X264: "crf26", Encoder.NVENC: "cq28"}
"""The quality that is asked for, in the encoder's own measure."""
OPTIONS: Mapping[Encoder, Mapping[str, object]] = {
    Encoder.X264: {"c:v": "libx264", "preset": "veryfast", "crf": 26},
    Encoder.NVENC: {"c:v": "h264_nvenc", "preset": "p4", "rc": "vbr", "cq": 28, "b:v": 0},
}

CARD = re.compile(r"^\[h264_nvenc @[^]]*\] *(.+)", re.MULTILINE)
"""What the encoder itself says, in a log; where it says nothing, the graphics card is not at fault."""
NOT_OPENED = re.compile(r"\[enc:h264_nvenc @[^]]*\] *(Error while opening encoder)")
"""What ffmpeg says of it. The encoder's own words lose their beginning when another thread is in the middle of a line."""


class EncoderFailed(Permanent):
    """NVENC was asked for and does not work."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"SPILLWAY_PROXY_ENCODER=nvenc asks for NVENC, which does not work ({why}). "
            "Set it to auto or x264, or install NVIDIA's driver; then try the file again."
        )


@dataclass(frozen=True)
class Choice:
    """The encoder to use; `fault` says why NVENC does not work, if it was tried; `forced` that nothing else may be used."""

    encoder: Encoder
    fault: str | None = None
    forced: bool = False

    def require(self) -> Encoder:
        """The encoder; raises EncoderFailed if it was asked for and does not work."""
        if self.forced and self.fault:
            raise EncoderFailed(self.fault)
        return self.encoder


def choose(wish: Wish, nvenc_fault: str | None) -> Choice:
    """What to encode with, given what a person wishes and why NVENC does not work; None if it does."""
    match wish:
        case Wish.X264:
            return Choice(Encoder.X264)
        case Wish.NVENC:
            return Choice(Encoder.NVENC, nvenc_fault, forced=True)
        case Wish.AUTO:
            return Choice(Encoder.X264 if nvenc_fault else Encoder.NVENC, nvenc_fault)


def cards_fault(log: str) -> str | None:
    """What the graphics card has to say about a run that failed; None if it is not at fault."""
    told = CARD.search(log) or NOT_OPENED.search(log)
    return told[1].strip().rstrip(".") if told else None
