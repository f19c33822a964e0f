"""Queries: what is left of them when they are fit to be asked, and their vectors."""

import re
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from shared.embedder import Embedder
from shared.errors import Invalid

UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
"""Postgres takes no zero bytes, UTF-8 no lone surrogates, and nobody searches for the rest."""


def fit(q: str) -> str:
    """A query without what cannot be searched for; raises Invalid if nothing is left."""
    cleaned = UNPRINTABLE.sub(" ", q).strip()
    if not cleaned:
        raise Invalid("Say what to search for in the parameter q.")
    return cleaned


class QueryVectors:
    """Vectors of queries; the latest are remembered, since people page, filter and correct what they asked."""

    def __init__(self, embedder: Embedder, *, remembered: int) -> None:
        self.embedder = embedder
        self._remembered = remembered
        self._known: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    async def vector(self, q: str) -> NDArray[np.float32]:
        """The query's vector, of length one, shape (dimensions)."""
        if q not in self._known:
            self._known[q] = (await self.embedder.embed([q]))[0]
        self._known.move_to_end(q)
        vector = self._known[q]
        while len(self._known) > self._remembered:
            self._known.popitem(last=False)
        return vector
