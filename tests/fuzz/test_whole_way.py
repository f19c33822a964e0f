"""Mutated files the whole way: imported into Postgres, delivered by the bus, rendered and stored, all real, none by halves."""

from pathlib import Path
from typing import Any

import pytest
from nats.js import JetStreamContext

from services.ingest.handlers import Resources as Ingest
from services.ingest.inspection.pool import Pool
from services.proxy.handlers import Resources, on_renditions_wanted
from services.proxy.renderer import Renderer
from shared import topology
from shared.contracts import FileIngested
from shared.service import Platform
from tests.fuzz.leftovers import leftovers
from tests.fuzz.making import Whole, make
from tests.fuzz.specimens import CONTAINERS
from tests.fuzz.stages import is_for_people
from tests.support.delivering import publish, reacting, working
from tests.support.imports import Library
from tests.support.waiting import until_so

pytestmark = [pytest.mark.connected, pytest.mark.timeout(0)]

EVERY = 10
"""One in so many mutants goes the whole way."""
LONG_ENOUGH = 3600.0

PROXIES = """
    SELECT files.id, files.path, stage.state, stage.reason, stage.settled_at,
           coalesce(array_agg(rendition.key) FILTER (WHERE rendition.key IS NOT NULL), '{}') AS keys,
           count(rendition.key) FILTER (WHERE rendition.bytes <= 0 OR rendition.revision <> files.revision) AS odd
    FROM files
    JOIN file_stages AS stage ON stage.file_id = files.id AND stage.stage = 'proxy'
    LEFT JOIN renditions AS rendition ON rendition.file_id = files.id
    GROUP BY files.id, stage.file_id, stage.stage
"""
PENDING = "SELECT 1 FROM file_stages WHERE stage = 'proxy' AND state = 'pending' LIMIT 1"
DEATHS = "SELECT error_type, error FROM dead_letters WHERE error_type NOT IN ('BadMedia', 'MediaFailed', 'TookTooLong')"


async def test_mutants_leave_nothing_by_halves(
    whole: Whole, platform: Platform, pool: Pool, renderer: Renderer, stream: JetStreamContext, seeds: range, tmp_path: Path
) -> None:
    for container in CONTAINERS:
        for seed in range(seeds.start, seeds.stop, EVERY):
            make(container, whole, seed, tmp_path)
    library = Library(Ingest(platform, pool))

    job_id = await library.ingest(tmp_path)
    resources = Resources(platform, renderer)
    proxies = reacting(topology.PROXY, lambda event: on_renditions_wanted(event, resources), workers=2)
    async with working(platform.settings, platform.database, stream, proxies):
        await publish(stream, *map(FileIngested.model_validate, await library.events(FileIngested.subject)))
        await until_so(lambda: none_pending(library), within=LONG_ENOUGH)

    items = await library.rows("SELECT path, state, reason, file_id FROM job_items WHERE job_id = %s", job_id)
    assert len(items) == len(CONTAINERS) * len(range(seeds.start, seeds.stop, EVERY))
    assert [item for item in items if not is_settled(item)] == []
    files = await library.rows(PROXIES)
    assert {file["id"] for file in files} == {item["file_id"] for item in items if item["state"] == "done"}
    assert [file for file in files if not is_whole(file)] == []
    for key in (key for file in files for key in file["keys"]):
        assert await platform.blobs.get(key)
    assert await library.rows(DEATHS) == []
    assert await leftovers() == []


async def none_pending(library: Library) -> bool:
    """Whether every file's proxy stage is settled."""
    return not await library.rows(PENDING)


def is_settled(item: dict[str, Any]) -> bool:
    """Whether an item of an import is in the library, or says why not."""
    return item["file_id"] is not None if item["state"] == "done" else is_for_people(item["reason"])


def is_whole(file: dict[str, Any]) -> bool:
    """Whether a file has its renditions, or has none and says why."""
    if file["state"] == "failed":
        return file["keys"] == [] and is_for_people(file["reason"])
    said = file["reason"] is None or is_for_people(file["reason"])
    return file["state"] == "done" and said and len(file["keys"]) >= 2 and not file["odd"]
