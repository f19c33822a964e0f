"""Replay: chosen events for one consumer again, told first and then done.

For a consumer of a stage that is a forced batch about the files of the events: progress, cancelling and retrying are a batch's.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.search.batches import changes as batches_changes
from services.search.embeddings.routes import require_affordable
from services.search.http import idempotency
from services.search.nova.gate import admitted
from services.search.replay import again, log, standings
from services.search.replay.choice import Choice
from services.search.replay.consumers import consumer_named
from services.search.replay.verdicts import Act, Standing, Verdict, decide, decide_all
from services.search.resources import Resources
from shared.batch_requests import MOST_FILES, BatchRequest
from shared.contracts import BY_SUBJECT, Stage
from shared.database import Connection
from shared.effects import Effect
from shared.errors import Invalid, KeyReused
from shared.paying.errors import BudgetExceeded
from shared.topology import Consumer

MOST = MOST_FILES
"""Events of one replay: as many as a batch takes files one by one."""

NONE_CHOSEN = "Say which events are meant: by subject, time, file, job or sequence."
TOO_MANY = f"More than {MOST:,} events are meant; choose fewer at a time, by time or sequence."
DIFFERENT = (
    "These requests were made with different options, and a replay has one set: choose those of one job, or of one subject."
)


@dataclass(frozen=True)
class Plan:
    """What a replay would do: a verdict for each event that is chosen."""

    consumer: Consumer
    events: Sequence[Standing]
    verdicts: Sequence[Verdict]

    def to_be(self, act: Act) -> list[Standing]:
        """The events with which this is done."""
        return [event for event, verdict in zip(self.events, self.verdicts, strict=True) if verdict.act is act]


async def planned(connection: Connection, name: str, choice: Choice) -> Plan:
    """What replaying the events to the consumer would do; raises Invalid."""
    consumer = consumer_named(name)
    if not choice.given():
        raise Invalid(NONE_CHOSEN)
    events = await standings.of_choice(connection, consumer, choice, limit=MOST + 1)
    if len(events) > MOST:
        raise Invalid(TOO_MANY)
    return Plan(consumer, events, decide_all(consumer, events))


def request_of(plan: Plan) -> BatchRequest | None:
    """The batch that a plan comes to; None if no stage is run again. Raises Invalid if it would be several."""
    events = plan.to_be(Act.RERUN)
    if not events:
        return None
    options = asked_options(events[0])
    if any(asked_options(event) != options for event in events):
        raise Invalid(DIFFERENT)
    files = standings.files_of(events)
    return BatchRequest(file_ids=files, options=options, force=True, priority=plan.consumer.priority)


def asked_options(event: Standing) -> dict[str, Any]:
    """The options of a request; who asked for it then is not who asks now."""
    return {name: value for name, value in (event.options or {}).items() if name != "requested_by"}


async def foreseen(connection: Connection, resources: Resources, plan: Plan, asked_by: str) -> dict[str, Any]:
    """What the plan would cost, and why it would be refused if it would be."""
    request = request_of(plan)
    if request is None:
        return {}
    try:
        _, about = await priced(connection, resources, plan.consumer, request, asked_by, None)
    except BudgetExceeded as refusal:
        return {"refused": str(refusal)}
    return about


async def priced(
    connection: Connection,
    resources: Resources,
    consumer: Consumer,
    request: BatchRequest,
    asked_by: str,
    job_id: UUID | None,
) -> tuple[BatchRequest, dict[str, Any]]:
    """The request as it may be begun, and what is told of its price; raises BudgetExceeded, or Invalid."""
    if consumer.stage is Stage.ANALYSE:
        admission = await admitted(connection, resources, request, asked_by, job_id)
        return admission.request, admission.told
    if consumer.stage is Stage.EMBED:
        await require_affordable(connection, resources, request, asked_by, job_id)
    return request, {}


async def carried_out(
    resources: Resources, name: str, choice: Choice, job_id: UUID | None, *, asked_by: str, limit: int
) -> dict[str, Any]:
    """Do what a plan says; asked again under the same id, the answer is that of the first time."""
    asked = {"consumer": name, "choice": choice.model_dump(mode="json", exclude_none=True)}
    async with resources.platform.database.connection() as connection:
        if (known := await idempotency.begun(connection, job_id)) and known.progress:
            return _answered(known.progress, asked)
        plan = await planned(connection, name, choice)
        request = request_of(plan)
        about: dict[str, Any] = {}
        if request is not None:
            request, about = await priced(connection, resources, plan.consumer, request, asked_by, job_id)
    told = {**told_of(plan, limit), **about, "applied": True}
    if request is None:
        await _send(resources, plan)
        return told
    assert plan.consumer.stage is not None
    noted = {**about, "replay": {"asked": asked, "answer": told}}
    effects, stage = resources.platform.effects, plan.consumer.stage
    begun = await batches_changes.begin(effects, stage, request, job_id, noted, asked_by=asked_by)
    return _answered(begun, asked)


def _answered(begun: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """What the batch was begun with; raises KeyReused if that was another request."""
    if begun["replay"]["asked"] != asked:
        raise KeyReused
    return {**begun["replay"]["answer"], "job_id": begun["job_id"]}


async def _send(resources: Resources, plan: Plan) -> None:
    """Publish events of jobs again, each in a transaction of its own; what was done by others meanwhile is left alone."""
    for event in plan.to_be(Act.SEND):
        async with resources.platform.effects.begin() as effect:
            await _send_one(effect, plan.consumer, event)


async def _send_one(effect: Effect, consumer: Consumer, event: Standing) -> None:
    told = await log.find(effect.connection, event.id)
    now = await standings.of_event(effect.connection, consumer, columns_of(told), hold=True)
    if decide(consumer, now).act is Act.SEND:
        await again.send(effect, BY_SUBJECT[event.subject].model_validate(told["body"]), event.key, {})


def columns_of(told: Mapping[str, Any]) -> dict[str, Any]:
    """What a standing is looked up by."""
    names = ("id", "subject", "address", "key", "revision", "run_id")
    return {**{name: told[name] for name in names}, "body": json.dumps(told["body"])}


def told_of(plan: Plan, limit: int) -> dict[str, Any]:
    """A plan as the API tells it, with the first `limit` of its events; what is done with comes first."""
    pairs = sorted(zip(plan.events, plan.verdicts, strict=True), key=lambda pair: pair[1].act is Act.NOTHING)
    acts, reasons = Counter(verdict.act for verdict in plan.verdicts), Counter(verdict.why for verdict in plan.verdicts)
    return {
        "consumer": plan.consumer.durable,
        "stage": plan.consumer.stage,
        "applied": False,
        "job_id": None,
        "chosen": len(plan.events),
        "acts": {str(act): acts[act] for act in Act},
        "reasons": {str(why): number for why, number in reasons.most_common()},
        "events": [told_event(event, verdict) for event, verdict in pairs[:limit]],
        "untold": max(0, len(pairs) - limit),
        "model": None,
        "cost": None,
        "refused": None,
    }


def told_event(event: Standing, verdict: Verdict) -> dict[str, Any]:
    """An event and its verdict as the API tells them."""
    return {
        "id": str(event.id),
        "sequence": event.sequence,
        "subject": event.subject,
        "key": str(event.key),
        "path": event.path,
        "created_at": event.created_at.isoformat(),
        "act": str(verdict.act),
        "why": str(verdict.why),
        "sentence": verdict.sentence,
    }
