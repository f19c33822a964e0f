"""The last phase of an import or rescan: what was found, or what was approved of it, becomes true of the library."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from services.ingest import repository
from services.ingest.library import Entry, ingested
from services.ingest.reasons import CHANGED_SINCE, RETURNED_SINCE
from services.ingest.scans import report
from services.ingest.scans.attending import hold
from services.ingest.scans.disk import Sight, Status, is_as_found, look_at_all
from services.ingest.scans.planning import Grounds, Known, Move, Plan, Settled, Step, plan
from services.ingest.scans.retrying import try_again
from shared import stages
from shared.changes import Change
from shared.contracts import Event, FileMissing, FileMoved, FileReturned, JobEvent, Stage, StageState
from shared.database import Connection, Database
from shared.effects import Effect, Effects
from shared.paths import shown

PAGE = 500
"""Items to a transaction: few enough that nobody waits long for the library, enough that statements do not count."""


async def apply(event: JobEvent, grounds: Grounds, database: Database, effects: Effects) -> None:
    """Write every item that waits, by the page; one that was interrupted goes on with the rest."""
    after = b""
    while True:
        async with database.connection() as connection:
            steps = await report.next_steps(connection, event.job_id, after, PAGE)
        if not steps:
            return
        current, refused = await asyncio.to_thread(still_so, steps)
        async with effects.begin() as effect:
            await hold(effect.connection, event)
            await repository.lock_library(effect.connection)
            made = plan(current, await _known(effect.connection, current), grounds)
            await _write(made, event.job_id, effect)
            await report.settle(effect.connection, event.job_id, [*made.settled, *refused])
        after = steps[-1].path_raw


def still_so(steps: Sequence[Step]) -> tuple[list[Step], list[Settled]]:
    """Steps for which the disk is as the report says, and results for the others."""
    status = look_at_all({step.place for step in steps})
    current: list[Step] = []
    refused: list[Settled] = []
    for step in steps:
        reason = _objection(step, status[step.place])
        if reason is None:
            current.append(step)
        else:
            state = StageState.SKIPPED if step.change is Change.MISSING else StageState.FAILED
            refused.append(Settled(step.path_raw, state, reason, step.file_id))
    return current, refused


def _objection(step: Step, status: Status) -> str | None:
    if step.change is Change.MISSING:
        is_back = status.sight is not Sight.GONE and step.place == step.path_raw
        return RETURNED_SINCE if is_back else None
    if step.finding and not is_as_found(status, step.finding.size, step.finding.modified_ns):
        return CHANGED_SINCE
    return None


async def _known(connection: Connection, steps: Sequence[Step]) -> Known:
    return Known(
        places=await repository.files_at(connection, [step.place for step in steps]),
        files=await repository.files_by_id(connection, [step.file_id for step in steps if step.file_id]),
        contents=await repository.files_of(connection, [step.finding.fingerprint for step in steps if step.finding]),
    )


async def _write(made: Plan, job_id: UUID, effect: Effect) -> None:
    """Places are given up before they are taken."""
    await _lose(made, job_id, effect)
    if made.moves:
        await _move(made.moves, job_id, effect)
    if made.added:
        await repository.write_files(effect.connection, made.added)
    if made.updated:
        await repository.update_files(effect.connection, made.updated)
    places = [move.path_raw for move in made.moves] + [entry.file.path_raw for entry in (*made.added, *made.updated)]
    if places:
        await repository.forget_copies(effect.connection, places)
    await _begin([entry for entry in (*made.added, *made.updated) if entry.is_fresh], effect)
    if made.tried_again:
        await try_again(effect, made.tried_again, job_id)


async def _lose(made: Plan, job_id: UUID, effect: Effect) -> None:
    """Mark files as missing; of those that lost their places to others, some are found again later, or here."""
    files = {file.id: file for file in (*made.displaced, *made.missing)}
    if not files:
        return
    lost = await repository.lose_files(effect.connection, list(files))
    told = {file.id for file in made.missing}
    found_again = {move.file.id for move in made.moves} | await report.awaited(effect.connection, job_id, list(files))
    missing = [files[file_id] for file_id in lost | told if file_id in told or file_id not in found_again]
    if missing:
        await effect.emit(
            *(FileMissing(file_id=file.id, revision=file.revision, kind=file.kind, run_id=job_id) for file in missing)
        )


async def _move(moves: Sequence[Move], job_id: UUID, effect: Effect) -> None:
    await repository.move_files(effect.connection, moves)
    moved = [move for move in moves if move.file.path_raw != move.path_raw]
    findable = await repository.searchable(effect.connection, [move.file.id for move in moved])
    if findable:
        await stages.reopen(effect.connection, Stage.EMBED, findable, job_id)
    returned = [
        FileReturned(file_id=move.file.id, revision=move.file.revision, kind=move.file.kind, run_id=job_id)
        for move in moves
        if move.change is Change.RETURNED
    ]
    elsewhere = [
        FileMoved(
            file_id=move.file.id, revision=move.file.revision, kind=move.file.kind, run_id=job_id, path=shown(move.path_raw)
        )
        for move in moved
    ]
    events: list[Event] = [*returned, *elsewhere]
    await effect.emit(*events)


async def _begin(fresh: Sequence[Entry], effect: Effect) -> None:
    if not fresh:
        return
    await repository.begin_stages(effect.connection, fresh)
    await effect.emit(*map(ingested, fresh))
