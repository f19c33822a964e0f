"""A file that changes while a batch is about it."""

from pathlib import Path

import pytest

from shared.batches import CHANGED
from shared.contracts import Stage
from tests.support.asking import dispatched, job_of, results_of
from tests.support.imports import Library
from tests.support.media import tiny_photo

pytestmark = pytest.mark.connected


async def test_a_batch_does_not_wait_for_content_that_is_gone(library: Library, tmp_path: Path) -> None:
    platform = library.resources.platform
    photo = tiny_photo(tmp_path / "red.jpg")
    await library.ingest(tmp_path)
    await library.rows("UPDATE file_stages SET state = CASE stage WHEN 'proxy' THEN 'failed' ELSE 'done' END")
    batch = await dispatched(platform, Stage.PROXY, filter={})
    tiny_photo(photo, colour="crimson")
    await library.rescan(tmp_path)
    [result] = (await results_of(platform.database, batch)).values()
    assert (*result, (await job_of(platform.database, batch)).state) == ("skipped", CHANGED, "done")
