"""What sending an event again would do, by how things stand."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from services.search.replay.consumers import consumer_named, takers, takes
from services.search.replay.verdicts import Act, Standing, Why, decide, decide_all
from shared.contracts import EVENTS, FileEvent, Priority, StageRequested
from shared.errors import Invalid
from shared.topology import CONSUMERS, EMBED, INGEST, PROXY, PROXY_EXPRESS, TERMINAL, TRANSCRIBE

FILE = UUID(int=7)
NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)
INGESTED = Standing(
    id=UUID(int=1),
    position=1,
    sequence=1,
    subject="file.ingested",
    address=f"file.ingested.{FILE}",
    key=FILE,
    created_at=NOON,
    path="D:\\films\\clip.mp4",
    revision=3,
    present=3,
    state="done",
    settled_at=NOON,
)
IMPORT = Standing(
    id=UUID(int=2),
    position=2,
    sequence=2,
    subject="import.requested",
    address="import.requested",
    key=UUID(int=9),
    created_at=NOON,
    job_state="failed",
)


def test_a_stage_runs_again_and_says_what_it_was() -> None:
    verdict = decide(PROXY, INGESTED)
    assert (verdict.act, verdict.why) == (Act.RERUN, Why.RUN_AGAIN)
    assert verdict.sentence == "Runs proxy of clip.mp4 again (last done 2026-08-01T12:00:00+00:00)."


@pytest.mark.parametrize(
    ("changes", "why", "told"),
    [
        ({"present": None, "state": None}, Why.GONE, "no longer in the library"),
        ({"present": 4}, Why.SUPERSEDED, "at revision 4, this is of 3"),
        ({"first_way": True}, Why.ON_ITS_WAY, "first way through"),
        ({"state": "pending", "settled_at": None}, Why.WAITS, "clip.mp4 waits for proxy already"),
    ],
)
def test_nothing_is_done_with_a_file_that(changes: dict[str, object], why: Why, told: str) -> None:
    verdict = decide(PROXY, replace(INGESTED, **changes))  # type: ignore[arg-type] # each names fields of its own
    assert (verdict.act, verdict.why) == (Act.NOTHING, why)
    assert told in verdict.sentence


def test_what_was_done_since_stays_unless_it_is_to_be_done_again() -> None:
    assert decide(PROXY, INGESTED, redo=False).why is Why.DONE
    assert decide(PROXY, replace(INGESTED, state="skipped"), redo=False).why is Why.DONE
    assert decide(PROXY, replace(INGESTED, state="failed"), redo=False).act is Act.RERUN


def test_a_stage_that_waits_for_what_nobody_could_read_waits_in_vain() -> None:
    waiting = replace(INGESTED, state="pending", settled_at=None)
    assert decide(PROXY, waiting, stuck=True).act is Act.RERUN
    assert decide(PROXY, replace(waiting, stage_run=uuid4()), stuck=True).why is Why.WAITS


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"applied_at": NOON}, Why.APPLIED),
        ({"job_state": None}, Why.GONE),
        ({"job_state": "done"}, Why.ENDED),
        ({"job_state": "cancelled"}, Why.ENDED),
        ({"job_state": "running"}, Why.WAITS),
    ],
)
def test_nothing_is_done_with_a_job_that(changes: dict[str, object], why: Why) -> None:
    verdict = decide(INGEST, replace(IMPORT, **changes))  # type: ignore[arg-type] # each names fields of its own
    assert (verdict.act, verdict.why) == (Act.NOTHING, why)


def test_a_job_that_failed_gets_its_event_again() -> None:
    assert decide(INGEST, IMPORT).act is Act.SEND
    assert decide(INGEST, replace(IMPORT, job_state="running"), stuck=True).act is Act.SEND


def test_an_event_of_others_says_whose_it_is() -> None:
    verdict = decide(TRANSCRIBE, INGESTED)
    assert (verdict.why, verdict.sentence) == (Why.FOREIGN, "Not for transcribe: proxy takes file.ingested.")
    ended = replace(INGESTED, subject="embeddings.ready", address=f"embeddings.ready.{FILE}")
    assert "nobody takes embeddings.ready" in decide(EMBED, ended).sentence


def test_a_file_runs_again_once_for_the_last_of_its_events() -> None:
    other = replace(INGESTED, id=UUID(int=3), key=UUID(int=8), address=f"file.ingested.{UUID(int=8)}")
    verdicts = decide_all(PROXY, [INGESTED, other, replace(INGESTED, id=UUID(int=4))])
    assert [verdict.why for verdict in verdicts] == [Why.TWICE, Why.RUN_AGAIN, Why.RUN_AGAIN]


def test_a_consumer_is_known_by_its_name_and_its_stage() -> None:
    assert consumer_named("proxy-express") is PROXY_EXPRESS
    assert consumer_named("embed") is EMBED
    assert [consumer_named(consumer.durable) for consumer in CONSUMERS] == list(CONSUMERS)
    with pytest.raises(Invalid, match="nova-analyse"):
        consumer_named("billing")


def test_every_address_has_one_consumer_in_its_lane_or_ends_a_chain() -> None:
    for event in EVENTS:
        address = event.subject
        if issubclass(event, StageRequested):
            assert [len(takers(f"{address}.{priority}.{FILE}")) for priority in Priority] == [1, 1]
        else:
            address = f"{address}.{FILE}" if issubclass(event, FileEvent) else address
            assert len(takers(address)) == (0 if event in TERMINAL else 1)


def test_a_lane_takes_its_own_requests() -> None:
    urgent = f"proxy.requested.{Priority.INTERACTIVE}.{FILE}"
    assert takes(PROXY_EXPRESS, urgent)
    assert not takes(PROXY, urgent)
    assert not takes(PROXY, "file.ingested")
