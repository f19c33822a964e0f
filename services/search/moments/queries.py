"""Queries: what is left of them when they are fit to be asked, and their vectors."""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable

from shared.analyses import NOBODY
from shared.embedder import Embedder, Vector
from shared.embedders import InUse
from shared.errors import Invalid, SpillwayError

PATIENCE = 20.0
"""Seconds that a query's vector may take: the local model loads within it, and nobody waits longer for somebody else's."""
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
"""Postgres takes no zero bytes, UTF-8 no lone surrogates, and nobody searches for the rest."""


class Unembedded(SpillwayError):
    """A query has no vector, so that it can be asked by words alone."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"This was searched for by words alone, without their meaning. {reason}")


def fit(q: str) -> str:
    """A query without what cannot be searched for; raises Invalid if nothing is left."""
    cleaned = UNPRINTABLE.sub(" ", q).strip()
    if not cleaned:
        raise Invalid("Say what to search for in the parameter q.")
    return cleaned


class QueryVectors:
    """Vectors of queries; the latest are remembered, since people page, filter and correct what they asked.

    `serving` is the embedder that served when it was last looked at; `find` gives embedders by the names of their models.
    """

    def __init__(self, find: Callable[[str], Embedder], *, remembered: int) -> None:
        self.serving: InUse | None = None
        self._find = find
        self._remembered = remembered
        self._known: OrderedDict[tuple[str, str], Vector] = OrderedDict()

    async def vector(self, q: str, model: str, requested_by: str = NOBODY) -> Vector:
        """The query's vector by an embedder, of length one, shape (dimensions), paid in this name; raises Unembedded."""
        key = (model, q)
        vector = self._known.get(key)
        if vector is None:
            vector = await self._embedded(q, model, requested_by)
        self._known[key] = vector
        self._known.move_to_end(key)
        while len(self._known) > self._remembered:
            self._known.popitem(last=False)
        return vector

    async def _embedded(self, q: str, model: str, requested_by: str) -> Vector:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._find(model).embed_query(q, requested_by=requested_by)
        except TimeoutError as error:
            raise Unembedded(f"{model} did not answer within {PATIENCE:.0f} seconds; try again.") from error
        except SpillwayError as error:
            raise Unembedded(str(error)) from error
