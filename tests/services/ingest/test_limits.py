import pytest

from services.ingest.limits import Limits, readable
from services.ingest.outcome import Refused
from services.ingest.settings import IngestSettings
from shared.contracts import Kind, StageState

LIMITS = Limits(video=100, image=20, audio=50)


@pytest.mark.parametrize(("kind", "size"), [(Kind.VIDEO, 100), (Kind.IMAGE, 20), (Kind.AUDIO, 50)])
def test_a_limit_is_the_largest_size_taken(kind: Kind, size: int) -> None:
    LIMITS.check(kind, size)
    with pytest.raises(Refused) as refused:
        LIMITS.check(kind, size + 1)
    assert refused.value.state is StageState.FAILED


def test_the_sentence_names_the_setting_and_the_setting_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match=r"The photo has 16\.0 MiB, more than the 15\.0 MiB .* SPILLWAY_INGEST_LARGEST_IMAGE"):
        IngestSettings().limits.check(Kind.IMAGE, 16 * 1024**2)
    monkeypatch.setenv("SPILLWAY_INGEST_LARGEST_IMAGE", "20MiB")
    IngestSettings().limits.check(Kind.IMAGE, 16 * 1024**2)


@pytest.mark.parametrize(
    ("size", "written"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KiB"), (10 * 1024**3, "10.0 GiB"), (2**60, "1048576.0 TiB")],
)
def test_sizes_as_people_write_them(size: int, written: str) -> None:
    assert readable(size) == written
