"""Where an event stands with a consumer, as a sentence."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.contracts import StageState
from shared.topology import Consumer

WAITS = "Waits, or is being worked on."


def standing(
    consumer: Consumer,
    event: Mapping[str, Any],
    *,
    applied_at: datetime | None,
    letter: int | None,
    stages: Mapping[str, Mapping[str, Any]],
) -> str:
    """What has become of an event at one of its consumers; `stages` are those of its file, by name."""
    if applied_at is not None:
        return f"Applied at {applied_at.isoformat(timespec='seconds')}."
    if letter is not None:
        return f"Given up: dead letter {letter}."
    if event["published_at"] is None:
        return "Waits to be published."
    return WAITS if consumer.stage is None else _at_stage(event, consumer.stage, stages.get(consumer.stage))


def _at_stage(event: Mapping[str, Any], stage: str, own: Mapping[str, Any] | None) -> str:
    """The same of an event that is published and was neither applied nor given up, by how far its file is now."""
    if own is None:
        return "The file is no longer in the library."
    if event["revision"] != own["present"]:
        return f"Superseded: the file is at revision {own['present']}."
    if str(own["run_id"] or "") != (event["run_id"] or ""):
        return "Overtaken: the stage was asked for again since, and is about that request."
    return WAITS if own["state"] == StageState.PENDING else f"Settled without it: {stage} was {own['state']}."
