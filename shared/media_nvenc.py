"""Whether NVENC works on this machine: by encoding a few frames with it."""

import tempfile
from pathlib import Path
from typing import Self

import structlog

from shared.errors import SpillwayError
from shared.media import Limits, run
from shared.media_encoders import OPTIONS, Choice, Encoder, EncoderFailed, Wish, cards_fault, choose
from shared.media_faults import MediaFailed

FRAMES = ("-f", "lavfi", "-i", "color=black:size=320x192:rate=15:duration=0.2", "-pix_fmt", "yuv420p")
LIMITS = Limits(seconds=30.0)
"""Waking a graphics card can take seconds."""

log = structlog.get_logger()


async def chosen(wish: Wish) -> Choice:
    """What this machine encodes with."""
    return choose(wish, None if wish is Wish.X264 else await nvenc_fault())


async def nvenc_fault() -> str | None:
    """Why NVENC does not work here; None if it does."""
    options = [word for name, value in OPTIONS[Encoder.NVENC].items() for word in (f"-{name}", str(value))]
    with tempfile.TemporaryDirectory(prefix="spillway-nvenc-") as folder:
        try:
            await run([*FRAMES, *options, "-f", "null", "-"], Path(folder), limits=LIMITS)
        except MediaFailed as error:
            return cards_fault(error.log) or str(error)
        except SpillwayError as error:
            return str(error)
    return None


class MachineEncoder:
    """What this machine encodes with: found out once, when a service starts."""

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._choice = choose(wish, "it has not been tried yet")

    async def __aenter__(self) -> Self:
        self._choice = await chosen(self._wish)
        if self._choice.forced and self._choice.fault:
            log.error(str(EncoderFailed(self._choice.fault)))
        else:
            log.info("proxies are encoded", encoder=self._choice.encoder, nvenc_fault=self._choice.fault)
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    def choice(self) -> Choice:
        """What to encode with."""
        return self._choice
