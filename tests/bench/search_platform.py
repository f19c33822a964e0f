"""What the search benchmark measures on: a platform of its own with a library in it, and the gateway's own statements."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from services.search.moments.filters import Wanted
from services.search.moments.grammar import Asked, read
from services.search.moments.ranking import Hit
from services.search.moments.repository import Meaning, Question, find_hits
from services.search.moments.vectors import HalfVector
from shared.database import Database
from shared.migrate import migrate
from tests.bench.search_library import Kind, Vectors, fill, vectors
from tests.bench.search_peers import NEAREST, Hnswlib
from tests.bench.search_peers import Asked as AskedVector
from tests.support.stack import embedded, platform_settings


@dataclass(frozen=True)
class Size:
    """How much is measured; `inserts` is how many vectors go in one after another, 0 for none."""

    moments: int = 100_000
    dimensions: int = 384
    asked: int = 50
    terms: int = 40
    clients: int = 8
    inserts: int = 30_000
    rounds: int = 5


class Spillway:
    """The whole statements by which the gateway answers, the texts of the hits included."""

    def __init__(self, runner: asyncio.Runner, database: Database, made: Vectors) -> None:
        self._runner = runner
        self._database = database
        self._made = made

    def nearest(self, asked: AskedVector, wanted: Wanted | None = None) -> set[int]:
        """Ids of the hits by meaning."""
        return self._found(Question(Asked(), wanted or Wanted()), asked)

    def best(self, asked: AskedVector, limit: int) -> set[int]:
        """Ids of the first of them."""
        return self._found(Question(Asked()), asked, limit)

    def found(self, query: str, meant: AskedVector | None = None) -> set[int]:
        """Ids of the hits by words, and by meaning if that is told."""
        return self._found(Question(read(query)), meant)

    def _found(self, question: Question, asked: AskedVector | None, limit: int | None = None) -> set[int]:
        made = self._made
        meaning = None if asked is None else Meaning(HalfVector.of(asked), made.model, made.dimensions, -1.0)
        hits = self._runner.run(self._hits(question, meaning))
        return {hit.id for hit in sorted(hits, key=lambda hit: -(hit.similarity or 0.0))[:limit]}

    async def _hits(self, question: Question, meaning: Meaning | None) -> list[Hit]:
        async with self._database.connection() as connection:
            return (await find_hits(connection, question, meaning)).hits


@dataclass(frozen=True)
class Filled:
    """A platform with a library in it."""

    size: Size
    kind: Kind
    made: Vectors
    url: str
    environment: Mapping[str, str]
    folder: Path
    ours: Spillway

    @cached_property
    def hnswlib(self) -> Hnswlib:
        """The index in memory, over the same vectors."""
        return Hnswlib(self.made, NEAREST)


@contextmanager
def filled(size: Size, kind: Kind, report: Callable[[str], None]) -> Iterator[Filled]:
    """A platform of its own, with so many moments."""
    report(f"filling in {size.moments} {kind} moments")
    made = vectors(kind, size.moments, size.asked, size.dimensions)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        environment = stack.enter_context(embedded(Path(name) / "platform"))
        settings = platform_settings(environment)
        url = settings.database_url.get_secret_value()
        runner = stack.enter_context(asyncio.Runner())
        database = Database(url, connections=1)
        runner.run(migrate(settings))
        runner.run(database.open())
        stack.callback(lambda: runner.run(database.close()))
        runner.run(fill(database, made))
        yield Filled(size, kind, made, url, environment, Path(name), Spillway(runner, database, made))
