"""Passwords are hashed slowly on purpose, a few at a time."""

import asyncio
import threading

import pytest

from services.search.identity import passwords
from services.search.identity.passwords import AT_ONCE, HASHER, Passwords
from shared.errors import Throttled

PASSWORD = "a horse that reads maps"
ANOTHER = "a map that reads horses"


async def test_a_password_fits_its_own_hash_only() -> None:
    ours = Passwords()
    kept = await ours.hashed(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert kept != await ours.hashed(PASSWORD)
    assert await ours.fits(kept, PASSWORD)
    assert not await ours.fits(kept, ANOTHER)
    assert not await ours.fits("no hash at all", PASSWORD)


async def test_who_does_not_exist_costs_as_much_work(monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[str] = []

    class Counting:
        def verify(self, password_hash: str, password: str) -> bool:
            worked.append(password_hash.rpartition("$")[0].rpartition("$")[0])
            return HASHER.verify(password_hash, password)

        hash = HASHER.hash

    monkeypatch.setattr(passwords, "HASHER", Counting())
    ours = Passwords()
    assert not await ours.fits(None, PASSWORD)
    assert not await ours.fits(HASHER.hash(ANOTHER), PASSWORD)
    assert len(worked) == 2
    assert len(set(worked)) == 1  # algorithm, memory and rounds


async def test_only_a_few_are_hashed_at_once_and_only_so_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, free = threading.Semaphore(0), threading.Event()
    most = [0, 0]

    def fits(_: str | None, password: str) -> bool:
        most[0] += 1
        most[1] = max(most)
        begun.release()
        free.wait(20)
        most[0] -= 1
        return password == PASSWORD

    monkeypatch.setattr(passwords, "_fits", fits)
    monkeypatch.setattr(passwords, "MOST_WAITING", 6)
    ours = Passwords()
    tries = [asyncio.create_task(ours.fits("hash", PASSWORD)) for _ in range(6)]
    for _ in range(AT_ONCE):
        assert await asyncio.to_thread(begun.acquire, timeout=20)
    with pytest.raises(Throttled, match="Too many people sign in"):
        await ours.fits("hash", PASSWORD)
    free.set()
    assert await asyncio.gather(*tries) == [True] * 6
    assert most[1] == AT_ONCE
    assert await ours.fits("hash", PASSWORD)
