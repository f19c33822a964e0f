"""How large a file of each kind may be."""

from dataclasses import dataclass

from services.ingest.outcome import Refused
from shared.contracts import Kind

UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")
NAMES = {Kind.VIDEO: "video", Kind.IMAGE: "photo", Kind.AUDIO: "sound file"}


@dataclass(frozen=True, slots=True)
class Limits:
    """Largest sizes in bytes."""

    video: int
    image: int
    audio: int

    def check(self, kind: Kind, size: int) -> None:
        """Raise Refused if a file of this kind is too large."""
        limit = getattr(self, kind.value)
        if size > limit:
            raise Refused(
                f"The {NAMES[kind]} has {readable(size)}, more than the {readable(limit)} allowed; "
                f"raise SPILLWAY_INGEST_LARGEST_{kind.name} to take it."
            )


def readable(size: int) -> str:
    """A size as people write it: 15.0 MiB."""
    power = min(max(size.bit_length() - 1, 0) // 10, len(UNITS) - 1)
    return f"{size / 1024**power:.1f} {UNITS[power]}" if power else f"{size} bytes"
