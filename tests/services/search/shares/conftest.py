"""Guests: clients that show neither key nor session."""

from collections.abc import AsyncIterator

import httpx
import pytest


@pytest.fixture
async def guest(http: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the same gateway that shows nothing."""
    async with httpx.AsyncClient(base_url=http.base_url, trust_env=False, timeout=60.0) as client:
        yield client
