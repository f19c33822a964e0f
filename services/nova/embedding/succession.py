"""Which embedder is to follow on which: what the table of embedders becomes when the settings name one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.embedder import Embedder
from shared.embedders import EmbedderState, InUse


@dataclass(frozen=True)
class Succession:
    """Embedders to give up, and the one whose vectors are to be made beside those that serve, if that is a new one."""

    retire: tuple[str, ...] = ()
    build: str | None = None


def decide(in_use: Sequence[InUse], wanted: str) -> Succession:
    """What changes when the settings name an embedder: one that serves or is building goes on, others are given up."""
    building = [row.model for row in in_use if row.state == EmbedderState.BUILDING]
    retire = tuple(model for model in building if model != wanted)
    known = any(row.model == wanted for row in in_use)
    return Succession(retire, None if known else wanted)


def index_name(embedder: Embedder) -> str:
    """The name of the index over an embedder's vectors."""
    return "embeddings_" + re.sub(r"[^a-z0-9]+", "_", embedder.model.lower())
