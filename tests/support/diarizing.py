"""An engine that tells speakers apart as a user might install it: whoever speaks before three seconds is Anna."""

from collections.abc import Iterable
from pathlib import Path


class HalfAndHalf:
    """Anna until a moment, then Ben."""

    def turns(self, audio: Path) -> Iterable[tuple[float, float, str]]:
        """Two turns, of a file that is there."""
        assert audio.is_file()
        return [(0, 2.9, "Anna"), (2.9, 100, "Ben")]


class Broken:
    """Always fails."""

    def turns(self, audio: Path) -> Iterable[tuple[float, float, str]]:
        """Nothing."""
        raise RuntimeError("out of memory")


def unmakeable() -> object:
    """An engine that lacks something."""
    raise OSError("the weights are missing")
