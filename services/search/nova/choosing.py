"""Which model a request means, and the request as it is then carried out: values in, values out."""

from typing import Any

from shared.analyses import LOCAL, AnalysisOptions, AnalysisType
from shared.batch_requests import BatchRequest
from shared.contracts import Kind
from shared.errors import Invalid

PATHS = {Kind.VIDEO: "/api/nova/analyze", Kind.AUDIO: "/api/nova/analyze", Kind.IMAGE: "/api/nova/image/analyze"}
"""Where files of a kind are analysed one by one."""
NAMES = {Kind.VIDEO: "a video", Kind.AUDIO: "a sound file", Kind.IMAGE: "an image"}


def chosen(options: AnalysisOptions, *, analyst: str, default: str) -> str:
    """The key of the model that is meant; `local` for rules over words."""
    return options.model or (default if analyst == "bedrock" else LOCAL)


def pinned(request: BatchRequest, options: AnalysisOptions, model: str, *, requested_by: str) -> BatchRequest:
    """The request with the model for which the price was told, in the name of who asks.

    Unless it is forced, it is about the files of which the model has not said just that before.
    """
    named = options.model_copy(update={"model": model, "requested_by": requested_by})
    changes: dict[str, Any] = {"options": named.given()}
    if not request.force:
        changes |= {"force": True, "unanswered": True}
    return request.model_copy(update=changes)


def types_by_kind(options: AnalysisOptions, kinds: list[Kind]) -> dict[Kind, tuple[AnalysisType, ...]]:
    """What is asked about files of each kind; raises Invalid if one of them cannot be asked that."""
    return {kind: options.types_for(kind) for kind in kinds}


def require_rules(types: dict[Kind, tuple[AnalysisType, ...]]) -> None:
    """Raise Invalid if all that is asked for is what rules over words cannot do: to sum up what is said."""
    if types and all(asked == (AnalysisType.TRANSCRIPT_SUMMARY,) for asked in types.values()):
        raise Invalid("A transcript is summed up by a model; name one, as 2-lite, or set SPILLWAY_ANALYST=bedrock.")


def require_path(path: str, kinds: list[Kind]) -> None:
    """Raise Invalid, naming the right path, if files of one of these kinds are not analysed by way of this one."""
    for kind in kinds:
        if PATHS[kind] != path:
            raise Invalid(
                f"The file is {NAMES[kind]}; ask POST {PATHS[kind]}. POST /api/batch/nova takes files of every kind together."
            )
