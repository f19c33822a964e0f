import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from pathlib import Path

import pytest

from services.ingest.inspection.pool import BATCH, PORTION, Pool
from services.ingest.limits import Limits
from services.ingest.outcome import Candidate, Inspected, Outcome, Rejected
from tests.support.media import run_ffmpeg, tiny_photo

ANY_SIZE = Limits(video=1 << 60, image=1 << 60, audio=1 << 60)


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    async with Pool(ANY_SIZE, processes=2, patience=30.0) as pool:
        yield pool


@pytest.fixture
def photos(tmp_path: Path) -> list[Candidate]:
    """More than two batches of tiny photos, each another."""
    content = tiny_photo(tmp_path / "0.jpg", size=(8, 8)).read_bytes()
    for number in range(2 * BATCH + 50):
        (tmp_path / f"{number}.jpg").write_bytes(content + number.to_bytes(4, "big"))
    return [Candidate(os.fsencode(path)) for path in tmp_path.iterdir()]


async def portions(candidates: Sequence[Candidate]) -> AsyncGenerator[Sequence[Candidate], None]:
    for start in range(0, len(candidates), PORTION):
        yield candidates[start : start + PORTION]


async def test_every_file_has_one_outcome_although_the_listener_is_slow(pool: Pool, photos: list[Candidate]) -> None:
    outcomes: list[Outcome] = []
    async for batch in pool.inspect(portions(photos)):
        await asyncio.sleep(0.3)  # outcomes of the next batch come in meanwhile
        outcomes += batch
    assert sorted(outcome.path_raw for outcome in outcomes) == sorted(photo.path_raw for photo in photos)
    assert all(isinstance(outcome, Inspected) for outcome in outcomes)


async def test_nothing_to_inspect_is_no_batch(pool: Pool) -> None:
    assert [batch async for batch in pool.inspect(portions([]))] == []


async def test_outcomes_are_handed_over_while_a_long_file_is_still_being_read(pool: Pool, tmp_path: Path) -> None:
    endless = tmp_path / "endless.m4a"
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=1", endless)
    os.truncate(endless, 1 << 40)
    missing, long = Candidate(os.fsencode(tmp_path / "missing.jpg")), Candidate(os.fsencode(endless))
    async for _ in pool.inspect(portions([missing])):
        pass  # an inspector that runs already answers for the first file at once
    async with asyncio.timeout(20), aclosing(pool.inspect(portions([missing, long]))) as batches:
        [outcome] = await anext(batches)
    assert isinstance(outcome, Rejected)
    assert outcome.path_raw == missing.path_raw


async def test_the_pool_serves_on_after_a_listener_has_gone(pool: Pool, photos: list[Candidate]) -> None:
    async with aclosing(pool.inspect(portions(photos))) as batches:
        await anext(batches)
    outcomes = [outcome async for batch in pool.inspect(portions(photos[:40])) for outcome in batch]
    assert len(outcomes) == 40


async def test_imports_share_the_pool(pool: Pool, photos: list[Candidate]) -> None:
    async def count(candidates: Sequence[Candidate]) -> int:
        return sum([len(batch) async for batch in pool.inspect(portions(candidates))])

    counted = await asyncio.gather(count(photos), count(photos[:5]), count(photos[:60]))
    assert list(counted) == [len(photos), 5, 60]


async def test_an_error_of_the_source_reaches_the_listener(pool: Pool, photos: list[Candidate]) -> None:
    async def broken() -> AsyncGenerator[Sequence[Candidate], None]:
        yield photos[:3]
        raise ConnectionError("the database is away")

    with pytest.raises(ConnectionError):
        async for _ in pool.inspect(broken()):
            pass
