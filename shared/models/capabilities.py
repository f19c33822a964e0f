"""What a model can be asked, decided before anything is uploaded or spent."""

from collections.abc import Collection
from datetime import date

from shared.analyses import AnalysisType
from shared.contracts.event import Kind
from shared.errors import Invalid
from shared.models.catalogue import Modality, Model, Purpose
from shared.models.prices import require_price

SHOWN = {Kind.VIDEO: Modality.VIDEO, Kind.IMAGE: Modality.IMAGE}
"""What a model has to take for a file to be shown to it; of a sound file it reads the transcript."""
NAMES = {Modality.TEXT: "text", Modality.IMAGE: "images", Modality.VIDEO: "video"}
HEARD = frozenset({AnalysisType.TRANSCRIPT_SUMMARY})
"""What is found in the transcript alone."""


def required(kind: Kind, types: Collection[AnalysisType]) -> frozenset[Modality]:
    """What a model has to take to find these out about a file of this kind."""
    if kind in SHOWN and set(types) - HEARD:
        return frozenset({Modality.TEXT, SHOWN[kind]})
    return frozenset({Modality.TEXT})


def require(model: Model, kind: Kind, types: Collection[AnalysisType], today: date) -> None:
    """Return if the model can be asked; raises Invalid with a sentence that says why not, and what else to do."""
    require_in_service(model, today)
    if model.purpose is Purpose.EMBEDDING:
        raise Invalid(f"{model.name} makes embeddings and answers no questions; choose a model that understands, as 2-lite.")
    if missing := required(kind, types) - model.modalities:
        raise Invalid(
            f"{model.name} takes {_listed(model.modalities)} only, no {_listed(missing)}, so it cannot look at {_named(kind)}. "
            "Choose a model that can, as 2-lite."
        )
    require_price(model)


def require_in_service(model: Model, today: date) -> None:
    """Return if the provider still answers for the model; raises Invalid that names the successor."""
    lifecycle = model.lifecycle
    if not lifecycle.retired(today):
        return
    since = f" on {lifecycle.ends_on.isoformat()}" if lifecycle.ends_on is not None else ""
    instead = f"Use its successor {lifecycle.successor} instead." if lifecycle.successor else "Choose another model."
    raise Invalid(f"{model.name} was retired{since}, and calls to it fail. {instead}")


def require_room(model: Model, input_tokens: int) -> None:
    """Return if so many tokens fit a request to the model; raises Invalid."""
    if input_tokens > model.context_tokens:
        raise Invalid(
            f"The request would have about {input_tokens} tokens, and {model.name} takes at most {model.context_tokens}. "
            "Choose a model with more room, as 2-lite."
        )


def _listed(modalities: Collection[Modality]) -> str:
    return " and ".join(NAMES[one] for one in Modality if one in modalities)


def _named(kind: Kind) -> str:
    return {Kind.VIDEO: "a video", Kind.IMAGE: "an image", Kind.AUDIO: "a sound file"}[kind]
