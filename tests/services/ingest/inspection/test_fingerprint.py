import io
import time

from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.inspection.fingerprint import BEAT, BLOCK, fingerprint


def silent() -> None:
    """Hear no sign of life."""


@given(st.binary(max_size=300))
def test_it_is_the_blake3_of_the_content(content: bytes) -> None:
    assert fingerprint(io.BytesIO(content), silent) == (blake3(content).digest(), len(content))


def test_content_longer_than_a_block_is_read_to_its_end() -> None:
    content = bytes(range(256)) * (2 * BLOCK // 256) + b"end"
    assert fingerprint(io.BytesIO(content), silent) == (blake3(content).digest(), len(content))


class Slow(io.RawIOBase):
    """A network drive: three blocks, each of which takes a while."""

    blocks = 3

    def readinto(self, buffer: bytearray, /) -> int:  # type: ignore[override]
        time.sleep(BEAT * 0.6)
        self.blocks -= 1
        return 1 if self.blocks >= 0 else 0


def test_signs_of_life_come_while_a_slow_disk_is_read() -> None:
    beats: list[float] = []
    fingerprint(Slow(), lambda: beats.append(time.monotonic()))
    assert beats
