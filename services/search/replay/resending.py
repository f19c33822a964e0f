"""Sends dead letters again: each in one transaction, in which its file or job is made to wait for it again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.search.replay import again, letters, standings
from services.search.replay.consumers import consumer_named
from services.search.replay.letters import Letter
from services.search.replay.mending import event_of, is_readable
from services.search.replay.verdicts import Act, Verdict, Why, decide
from shared.contracts import Event, FileEvent, NovaRequested
from shared.database import Connection
from shared.dead_letters import RESENT
from shared.effects import Effect, Effects
from shared.errors import Invalid
from shared.topology import Consumer


@dataclass(frozen=True)
class Judged:
    """A letter, what sending it again does, and the event that it is; `sent_as` is the event that was sent."""

    letter: Letter
    verdict: Verdict
    consumer: Consumer | None = None
    event: Event | None = None
    sent_as: Event | None = None


async def judged(connection: Connection, letter: Letter, *, hold: bool = False) -> Judged:
    """What sending a letter again does; if `hold`, its file or job stays as it is until the transaction ends."""
    try:
        consumer, event = consumer_named(letter.consumer), event_of(letter)
    except Invalid as error:
        return Judged(letter, Verdict(Act.NOTHING, Why.UNREADABLE, str(error)))
    if letter.state == "applied":
        verdict = Verdict(Act.NOTHING, Why.APPLIED, "It was sent again, and applied.")
        return Judged(letter, verdict, consumer, event)
    standing = await standings.of_event(connection, consumer, columns_of(event), hold=hold)
    stuck = letter.state == "dead" and not is_readable(letter)
    return Judged(letter, decide(consumer, standing, redo=False, stuck=stuck), consumer, event)


def columns_of(event: Event) -> dict[str, Any]:
    """An event as its standing is looked up."""
    of_file = event if isinstance(event, FileEvent) else None
    return {
        "id": event.id,
        "subject": event.subject,
        "address": event.address,
        "key": event.key()[0],
        "revision": of_file and of_file.revision,
        "run_id": of_file and of_file.run_id,
        "body": None,
    }


async def resent(effects: Effects, letter_ids: Sequence[int], resent_by: str) -> list[Judged]:
    """Send letters again in the name of this person, as far as that does anything."""
    done = []
    for letter_id in letter_ids:
        async with effects.begin() as effect:
            letter = await letters.find(effect.connection, letter_id, hold=True)
            done.append(await _send(effect, await judged(effect.connection, letter, hold=True), resent_by))
    return done


async def _send(effect: Effect, found: Judged, resent_by: str) -> Judged:
    letter, event, consumer = found.letter, found.event, found.consumer
    if found.verdict.act is Act.NOTHING or event is None or consumer is None:
        return found
    headers = {RESENT: str(letter.id)}
    if isinstance(event, FileEvent):
        sent_as = await again.rerun(effect, consumer, named(event, resent_by), headers)
    else:
        sent_as = await again.send(effect, event, columns_of(event)["key"], headers)
    await letters.note_resent(effect.connection, letter.id, sent_as.id, resent_by)
    return Judged(letter, found.verdict, consumer, event, sent_as)


def named(event: FileEvent, resent_by: str) -> FileEvent:
    """The event; what it asks of a model is paid in the name of who sends it again."""
    if isinstance(event, NovaRequested) and "requested_by" in event.options:
        return event.model_copy(update={"options": {**event.options, "requested_by": resent_by}})
    return event


def told_of(found: Sequence[Judged], *, applied: bool) -> dict[str, Any]:
    """What became of letters, or would become of them, as the API tells it."""
    acts = Counter(one.verdict.act for one in found)
    reasons = Counter(one.verdict.why for one in found)
    return {
        "applied": applied,
        "acts": {str(act): acts[act] for act in Act},
        "reasons": {str(why): number for why, number in reasons.most_common()},
        "letters": [told_one(one) for one in found],
        "costs": [],
        "refused": None,
    }


def told_one(one: Judged) -> dict[str, Any]:
    """A letter and its verdict as the API tells them."""
    return {
        "id": one.letter.id,
        "consumer": one.letter.consumer,
        "path": one.letter.path,
        "act": str(one.verdict.act),
        "why": str(one.verdict.why),
        "sentence": one.verdict.sentence,
        "event_id": str(one.sent_as.id) if one.sent_as else None,
    }
