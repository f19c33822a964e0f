"""What analyses would cost, before anything is asked: of files, of all that match a filter, of one that is only described."""

from decimal import Decimal
from typing import Any

from services.search.batches.actions import analysis_options
from services.search.nova import groups
from services.search.nova.choosing import chosen
from services.search.nova.gate import EACH, budgets_left, find_model, price_of, price_of_groups, require_all
from services.search.nova.groups import Group
from services.search.nova.pricing import (
    FREE_NOTE,
    SPEECH,
    SPEECH_NOTE,
    Pricing,
    characters_of,
    nothing,
    told,
)
from services.search.nova.schemas import EstimateAsk
from services.search.resources import Resources
from shared.analyses import LOCAL, AnalysisOptions, options_of
from shared.batch_requests import NOT_ONE, BatchRequest, selected
from shared.contracts import Kind
from shared.database import Connection
from shared.errors import Invalid
from shared.models.catalogue import Model

DESCRIBED = ("video_duration_seconds", "kind", "width", "height", "transcript_characters")
WHICH = "Say what to price in one way: file_ids, a filter, or a file that is described by video_duration_seconds or kind."


async def estimated(connection: Connection, resources: Resources, ask: EstimateAsk, requested_by: str) -> dict[str, Any]:
    """What the request would cost this person; the field names are those of `schemas.EstimateTold`."""
    sums, usd = await summed(connection, resources, ask)
    return {**sums, "budgets": await budgets_left(connection, usd, requested_by)}


async def summed(connection: Connection, resources: Resources, ask: EstimateAsk) -> tuple[dict[str, Any], Decimal]:
    """What the request would cost as it is told, and at most in US dollars."""
    require_one_way(ask)
    options = options_asked(ask)
    key = chosen(options, analyst=resources.settings.analyst, default=resources.bedrock.default_model)
    if key == LOCAL:
        return await _free(connection, ask)
    named = options.model_copy(update={"model": key})
    model = await find_model(connection, resources, key)
    if ask.file_ids is None and ask.filter is None:
        return _described(resources, model, named, ask)
    condition, values = selected(request_of(ask))
    found = await price_of(connection, resources, model, named, condition, values)
    each = None
    if ask.file_ids and len(ask.file_ids) <= EACH:
        pricing = Pricing(model, resources.bedrock, named)
        each = [_file(one, pricing) for one in await groups.each(connection, condition, values, named)]
    return {**told(found, model), "per_file": each}, found.usd_high


def options_asked(ask: EstimateAsk) -> AnalysisOptions:
    """The options of the request; raises Invalid."""
    named = {"model": ask.model, "analysis_types": ask.analysis_types and list(ask.analysis_types)}
    given = {name: value for name, value in named.items() if value is not None}
    return options_of(analysis_options({**ask.options, **given}))


def require_one_way(ask: EstimateAsk) -> None:
    """Raise Invalid unless it is clear what is to be priced."""
    described = any(getattr(ask, name) is not None for name in DESCRIBED)
    if (ask.file_ids is not None) + (ask.filter is not None) + described != 1:
        raise Invalid(WHICH)


def request_of(ask: EstimateAsk) -> BatchRequest:
    """The files that are meant; raises Invalid."""
    if (ask.file_ids is None) == (ask.filter is None):
        raise Invalid(NOT_ONE)
    return BatchRequest(file_ids=ask.file_ids, filter=ask.filter, force=True)


def described(ask: EstimateAsk) -> tuple[Group, tuple[str, ...]]:
    """A file as it is described, with what was assumed of it."""
    kind = ask.kind or (Kind.VIDEO if ask.video_duration_seconds else Kind.IMAGE if ask.width else Kind.VIDEO)
    characters, notes = ask.transcript_characters, tuple[str, ...]()
    if characters is None and kind is not Kind.IMAGE:
        characters, notes = round(SPEECH * (ask.video_duration_seconds or 0.0)), (SPEECH_NOTE,)
    group = Group(
        kind=kind,
        answered=False,
        files=1,
        duration=ask.video_duration_seconds,
        width=ask.width,
        height=ask.height,
        characters=characters,
        counted=1,
    )
    return group, notes


def _described(
    resources: Resources, model: Model, options: AnalysisOptions, ask: EstimateAsk
) -> tuple[dict[str, Any], Decimal]:
    group, notes = described(ask)
    require_all(model, options, [Kind(group.kind)])
    found = price_of_groups(resources, model, options, [group])
    summary = told(found, model)
    return {**summary, "notes": [*summary["notes"], *notes], "per_file": None}, found.usd_high


async def _free(connection: Connection, ask: EstimateAsk) -> tuple[dict[str, Any], Decimal]:
    files = 1
    if ask.file_ids is not None or ask.filter is not None:
        files = await groups.number_of(connection, *selected(request_of(ask)))
    sums = {**nothing(LOCAL, None, FREE_NOTE), "files": files, "cached_files": 0, "by_kind": {}}
    return {**sums, "per_file": None}, Decimal(0)


def _file(group: Group, pricing: Pricing) -> dict[str, Any]:
    one = pricing.of(group, characters_of(group, {}))
    sums = one.told() if one else nothing(pricing.model.key, None)
    return {**sums, "file_id": str(group.id), "path": group.path, "kind": group.kind, "cached": group.answered}
