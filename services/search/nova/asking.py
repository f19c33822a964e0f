"""A request for the analysis of files by name, from its checks to its beginning."""

from typing import Any
from uuid import UUID

from services.search.batches import changes as batches_changes
from services.search.batches.actions import analysis_options
from services.search.nova import files
from services.search.nova.choosing import require_path
from services.search.nova.gate import admitted, is_begun
from services.search.nova.schemas import AnalyzeAsk
from services.search.resources import Resources
from shared.batch_requests import BatchRequest
from shared.contracts import Kind, Priority, Stage
from shared.errors import Conflict, Invalid

WHICH = "Say which file is meant, by file_id, or which files, by file_ids."
ON_ITS_WAY = (
    "{path} is on its first way through, and will be analysed by itself. Ask again when it is done; "
    "`./spillway batch list` and GET /api/files/{id} tell how far it is."
)


async def begin(resources: Resources, ask: AnalyzeAsk, path: str, asked_by: str, job_id: UUID | None) -> dict[str, Any]:
    """Have files analysed, in front of everything that nobody waits for; what the request is answered with."""
    request = request_of(ask)
    async with resources.platform.database.connection() as connection:
        if job_id is None or not await is_begun(connection, job_id):
            meant = await files.meant(connection, request.file_ids or ())
            require_path(path, [kind for kind in Kind if kind in {one.kind for one in meant}])
            if waiting := next((one for one in meant if one.first_way), None):
                raise Conflict(ON_ITS_WAY.format(path=waiting.path, id=waiting.id))
        admission = await admitted(connection, resources, request, asked_by, job_id)
    wanted, told = admission.request, admission.told
    effects = resources.platform.effects
    begun = await batches_changes.begin(effects, Stage.ANALYSE, wanted, job_id, told, asked_by=asked_by)
    return accepted(begun, wanted)


def request_of(ask: AnalyzeAsk) -> BatchRequest:
    """The request as the job keeps it; raises Invalid."""
    if (ask.file_id is None) == (ask.file_ids is None):
        raise Invalid(WHICH)
    named = {"model": ask.model, "analysis_types": ask.analysis_types and list(ask.analysis_types)}
    if twice := sorted(set(named) & set(ask.options)):
        raise Invalid(f"Give {' and '.join(twice)} beside the options, not among them.")
    options = {**ask.options, **{name: value for name, value in named.items() if value is not None}}
    file_ids = ask.file_ids or ((ask.file_id,) if ask.file_id else None)
    return BatchRequest(file_ids=file_ids, options=analysis_options(options), force=True, priority=Priority.INTERACTIVE)


def accepted(begun: dict[str, Any], request: BatchRequest) -> dict[str, Any]:
    """The answer; the field names are those of `schemas.AnalyzeAccepted`."""
    [only, *others] = request.file_ids or ()
    return {
        "nova_job_id": begun["job_id"],
        "status": "pending",
        "file_id": None if others else str(only),
        "total_files": begun["total_files"],
        "model": begun["model"],
        "analysis_types": request.options.get("analysis_types"),
        "processing_mode": "realtime",
        "cost": begun["cost"],
    }
