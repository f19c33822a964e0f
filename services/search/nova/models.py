"""The catalogue as the API tells it: what each model can do, what it costs, whether it can be asked, and if not why."""

from datetime import date, datetime
from typing import Any

from shared.analyses import EVERYTHING, LOCAL, POSSIBLE, AnalysisType
from shared.contracts import Kind
from shared.errors import Invalid
from shared.models.bedrock_settings import BedrockSettings
from shared.models.capabilities import require
from shared.models.catalogue import Catalogue, Model
from shared.models.prices import rate


def told_catalogue(
    catalogue: Catalogue,
    settings: BedrockSettings,
    default: str,
    *,
    today: date,
    refreshed_at: datetime | None,
    kind: Kind | None,
) -> dict[str, Any]:
    """Every model; `usable` is for files of the kind, or for anything at all if none is given."""
    return {
        "models": [told_model(model, settings, default, today, kind) for model in catalogue.models.values()],
        "default": default,
        "local": default == LOCAL,
        "region": settings.region,
        "scope": settings.scope,
        "tier": settings.tier,
        "prices_as_of": catalogue.prices_as_of.isoformat(),
        "refreshed_at": refreshed_at and refreshed_at.isoformat(),
    }


def told_model(model: Model, settings: BedrockSettings, default: str, today: date, kind: Kind | None) -> dict[str, Any]:
    """One model, with what can be found out by it about each kind of file."""
    faults = {one: why_not(model, settings, one, EVERYTHING[one], today) for one in Kind}
    fault = faults[kind] if kind else (all(faults.values()) and faults[Kind.VIDEO]) or None
    return {
        **model.model_dump(
            mode="json",
            include={
                *("key", "name", "provider", "purpose", "model_id", "profiles", "profile_required", "context_tokens"),
                *("most_output_tokens", "dimensions", "lifecycle", "useful_window_seconds", "prices"),
            },
        ),
        "modalities": sorted(model.modalities),
        "price": _price(model, settings),
        "analyses": {str(one): _possible(model, settings, one, today) for one in Kind},
        "usable": fault is None,
        "why_not": fault,
        "default": model.key == default,
    }


def why_not(model: Model, settings: BedrockSettings, kind: Kind, types: tuple[AnalysisType, ...], today: date) -> str | None:
    """Why a model cannot be asked for these, as a sentence; None if it can."""
    try:
        require(model, kind, types, today)
        model.called(settings.scope)
        rate(model, settings.scope, settings.tier)
    except Invalid as error:
        return str(error)
    return None


def _possible(model: Model, settings: BedrockSettings, kind: Kind, today: date) -> list[str]:
    return [str(one) for one in AnalysisType if one in POSSIBLE[kind] and why_not(model, settings, kind, (one,), today) is None]


def _price(model: Model, settings: BedrockSettings) -> dict[str, Any] | None:
    """USD per million tokens (images and seconds of embeddings: each) in the scope and tier that are set."""
    try:
        return rate(model, settings.scope, settings.tier).model_dump(mode="json", exclude_none=True)
    except Invalid:
        return None
