"""What sending dead letters again costs: letters of analyses are asked, and paid for, as a batch of their files would be."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.search.embeddings.routes import require_affordable
from services.search.nova.gate import admitted
from services.search.replay.resending import Judged
from services.search.replay.verdicts import Act
from services.search.resources import Resources
from shared.batch_requests import BatchRequest
from shared.clock import utc_now
from shared.contracts import FileEvent, Stage, StageRequested
from shared.database import Connection
from shared.paying import budgets


async def costs_of(
    connection: Connection, resources: Resources, found: Sequence[Judged], requested_by: str
) -> list[dict[str, Any]]:
    """What is asked of which model, and its price; raises BudgetExceeded if all of it may cost more than a budget leaves."""
    told = []
    for options, files in grouped(found, Stage.ANALYSE).items():
        request = BatchRequest(file_ids=tuple(files), options=json.loads(options), force=True)
        told.append((await admitted(connection, resources, request, requested_by)).told)
    together = sum((Decimal(str(one["cost"]["usd_high"])) for one in told), Decimal(0))
    if len(told) > 1:  # each alone is within the budgets
        await budgets.refuse_if_over(connection, requested_by, together, utc_now())
    for files in grouped(found, Stage.EMBED).values():
        request = BatchRequest(file_ids=tuple(files), force=True)
        await require_affordable(connection, resources, request, requested_by, None)
    return [one["cost"] for one in told]


def grouped(found: Sequence[Judged], stage: Stage) -> dict[str, list[UUID]]:
    """The files for which the stage would run again, by the options with which it would, as JSON."""
    groups: dict[str, list[UUID]] = {}
    for one in found:
        event = one.event
        if one.verdict.act is Act.RERUN and one.consumer and one.consumer.stage is stage and isinstance(event, FileEvent):
            options = event.options if isinstance(event, StageRequested) else {}
            groups.setdefault(json.dumps(options, sort_keys=True), []).append(event.file_id)
    return groups
