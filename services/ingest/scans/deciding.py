"""The third phase of an import or rescan: what the findings mean for the library, told for every path as a change."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from services.ingest.scans import verdicts
from services.ingest.scans.disk import Sight, is_as_found, is_given_up, look_at_all
from services.ingest.scans.matching import Homeless, Match, match
from services.ingest.scans.verdicts import Held, Lost
from shared.database import Database


async def decide(job_id: UUID, database: Database) -> None:
    """Tell apart what was found; one that was interrupted goes on with what has no verdict yet."""
    async with database.connection() as connection:
        await verdicts.analyse(connection)
    await _find_again(job_id, database)
    await _miss(job_id, database)
    async with database.transaction() as connection:
        await verdicts.note_displaced(connection, job_id)
        await verdicts.judge_rest(connection, job_id)


async def _find_again(job_id: UUID, database: Database) -> None:
    """Contents that the library has, by the page: files that gave up their places are where their contents lie now."""
    after = b""
    while True:
        async with database.connection() as connection:
            contents = await verdicts.known_contents(connection, job_id, after)
            if not contents:
                return
            held = await verdicts.files_with(connection, job_id, contents)
            places = await verdicts.places_of(connection, job_id, contents)
        matches = await asyncio.to_thread(_matched, held, places)
        if matches:
            async with database.transaction() as connection:
                await verdicts.note_matches(connection, job_id, matches)
        after = contents[-1]


def _matched(held: Sequence[Held], places: dict[bytes, list[bytes]]) -> list[Match]:
    by_content: defaultdict[bytes, list[Held]] = defaultdict(list)
    for file in held:
        by_content[file.fingerprint].append(file)
    return [found for content, files in by_content.items() for found in _matched_content(files, places.get(content, []))]


def _matched_content(files: Sequence[Held], places: Sequence[bytes]) -> list[Match]:
    taken = {file.path_raw for file in files if file.holds and not file.is_missing}
    free = [place for place in places if place not in taken]
    if not free:
        return []
    unsure = [file.path_raw for file in files if not (file.is_known or file.is_missing)]
    status = look_at_all(unsure)
    homeless = [
        Homeless(file.id, file.path_raw, file.is_missing)
        for file in files
        if file.is_missing
        or file.is_replaced
        or (file.path_raw in status and is_given_up(file.path_raw, status[file.path_raw], free))
    ]
    return match(homeless, free)


async def _miss(job_id: UUID, database: Database) -> None:
    """Files that the walk did not meet, by the page: some are there all the same, of some there is a copy."""
    after = b""
    while True:
        async with database.connection() as connection:
            page = await verdicts.lost_files(connection, job_id, after)
        if not page:
            return
        there, matches = await asyncio.to_thread(_looked_for, page)
        async with database.transaction() as connection:
            await verdicts.note_copies(connection, job_id, [found.place for found in matches])
            await verdicts.note_matches(connection, job_id, matches)
            await verdicts.drop_items(connection, job_id, there)
        after = page[-1].path_raw


def _looked_for(page: Sequence[Lost]) -> tuple[list[UUID], list[Match]]:
    """Files that are there, or may be; and the places of copies that stand in for those that are not."""
    status = look_at_all([lost.path_raw for lost in page] + [copy.path_raw for lost in page for copy in lost.copies])
    there: list[UUID] = []
    matches: list[Match] = []
    for lost in page:
        if status[lost.path_raw].sight is not Sight.GONE:
            there.append(lost.file_id)
            continue
        copies = [copy.path_raw for copy in lost.copies if is_as_found(status[copy.path_raw], copy.size, copy.modified_ns)]
        matches += match([Homeless(lost.file_id, lost.path_raw)], copies)
    return there, matches
