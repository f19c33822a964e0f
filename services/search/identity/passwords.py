"""Passwords: argon2id, in threads, and only so many at once that a flood of sign-ins leaves memory and cores for others."""

import asyncio
import secrets
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from shared.errors import Throttled

SHORTEST, LONGEST = 12, 1024
"""Characters of a password; the longest keeps a request from being work by itself."""
HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)
"""Memory and rounds as RFC 9106 has them for servers with little memory, in one lane, as others are to be answered meanwhile.
Where these change, passwords are hashed anew as people sign in."""
AT_ONCE = 2
"""Hashes at a time in a process: each takes 64 MiB and a core."""
MOST_WAITING = 50
"""Sign-ins that wait for a turn, some seconds' worth; more are asked to come again."""
COME_AGAIN = 5.0
"""Seconds."""

T = TypeVar("T")


class Passwords:
    """Hashes passwords, and compares them with hashes."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def hashed(self, password: str) -> str:
        """What is kept of a password; raises Throttled when too many are hashed."""
        return await self._in_turn(HASHER.hash, password)

    async def fits(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the password; takes as long where there is none, so that nobody learns who exists."""
        return await self._in_turn(_fits, password_hash, password)

    async def _in_turn(self, work: Callable[..., T], *arguments: object) -> T:
        if self._waiting >= MOST_WAITING:
            raise Throttled("Too many people sign in just now; try again in a few seconds.", COME_AGAIN)
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(work, *arguments)
        finally:
            self._waiting -= 1


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with other parameters than those of today."""
    return HASHER.check_needs_rehash(password_hash)


def _fits(password_hash: str | None, password: str) -> bool:
    nobodys = _nobodys()  # made at the first sign-in whoever it is, so that the first unknown name takes no longer than others
    try:
        return HASHER.verify(password_hash or nobodys, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return HASHER.hash(secrets.token_urlsafe(32))
