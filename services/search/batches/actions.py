"""What can be done with many files: each action is a stage, under the name that people know it by, with options of its own."""

from collections.abc import Callable
from typing import Any

from shared.contracts import Stage
from shared.errors import Invalid
from shared.transcription import options_of

STAGES: dict[str, Stage] = {
    "proxy": Stage.PROXY,
    "transcribe": Stage.TRANSCRIBE,
    "nova": Stage.ANALYSE,
    "embeddings": Stage.EMBED,
}
ACTIONS: dict[Stage, str] = {stage: action for action, stage in STAGES.items()}


def checked(stage: Stage, options: dict[str, Any]) -> dict[str, Any]:
    """The options as the stage will read them; raises Invalid with a sentence that says what is wrong."""
    return CHECKS[stage](options)


def _without_options(action: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def check(options: dict[str, Any]) -> dict[str, Any]:
        if options:
            raise Invalid(f"{action} takes no options; leave out {', '.join(options)}.")
        return {}

    return check


CHECKS: dict[Stage, Callable[[dict[str, Any]], dict[str, Any]]] = {
    Stage.PROXY: _without_options("The making of proxies"),
    Stage.TRANSCRIBE: lambda options: options_of(options).given(),
    Stage.ANALYSE: _without_options("The local analyst"),
    Stage.EMBED: _without_options("The making of embeddings"),
}
