"""What can be done with many files: each action is a stage, under the name that people know it by, with options of its own."""

from collections.abc import Callable, Mapping
from typing import Any

from shared import analyses
from shared.analyses import AnalysisType
from shared.contracts import Kind, Stage
from shared.errors import Invalid
from shared.transcription import options_of

TRANSCRIPT_SUMMARY = "transcript-summary"
STAGES: dict[str, Stage] = {
    "proxy": Stage.PROXY,
    "transcribe": Stage.TRANSCRIBE,
    "nova": Stage.ANALYSE,
    TRANSCRIPT_SUMMARY: Stage.ANALYSE,
    "embeddings": Stage.EMBED,
}
KINDS = frozenset(map(str, STAGES.values()))
"""Kinds of job that are batches."""
SPOKEN = (Kind.VIDEO, Kind.AUDIO)
"""Kinds of file that can have a transcript."""

NOT_YET = "Bedrock batch is not there yet: ask with realtime."
OURS = "Who asks is noted by the gateway; leave out requested_by."


def action_of(stage: Stage, options: Mapping[str, Any]) -> str:
    """The name of what was asked for."""
    if stage is Stage.ANALYSE:
        return TRANSCRIPT_SUMMARY if options.get("analysis_types") == [AnalysisType.TRANSCRIPT_SUMMARY] else "nova"
    return next(action for action, its_stage in STAGES.items() if its_stage is stage)


def kinds_of(action: str) -> tuple[Kind, ...] | None:
    """The kinds of file that an action is about; None if it is about all."""
    return SPOKEN if action == TRANSCRIPT_SUMMARY else None


def checked(action: str, options: dict[str, Any]) -> dict[str, Any]:
    """The options as the stage will read them; raises Invalid with a sentence that says what is wrong."""
    return CHECKS[action](options)


def analysis_options(options: dict[str, Any]) -> dict[str, Any]:
    """Options of analyses; raises Invalid, also for what only the gateway may say, or cannot be had yet."""
    if options.get("requested_by") is not None:
        raise Invalid(OURS)
    wanted = analyses.options_of(options)
    if wanted.processing_mode == "batch":
        raise Invalid(NOT_YET)
    return wanted.given()


def _summary_options(options: dict[str, Any]) -> dict[str, Any]:
    own = [AnalysisType.TRANSCRIPT_SUMMARY]
    if options.get("analysis_types", own) != own:
        raise Invalid("A transcript summary is one analysis; leave out analysis_types, or ask for the action nova.")
    return analysis_options({**options, "analysis_types": own})


def _without_options(action: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def check(options: dict[str, Any]) -> dict[str, Any]:
        if options:
            raise Invalid(f"{action} takes no options; leave out {', '.join(options)}.")
        return {}

    return check


CHECKS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "proxy": _without_options("The making of proxies"),
    "transcribe": lambda options: options_of(options).given(),
    "nova": analysis_options,
    TRANSCRIPT_SUMMARY: _summary_options,
    "embeddings": _without_options("The making of embeddings"),
}
