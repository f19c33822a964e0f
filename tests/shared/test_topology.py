"""The reaction map leads every file on, whatever happens to it."""

from pathlib import Path

import pytest

from shared.contracts import EVENTS, Event, FileEvent, FileIngested, ImportRequested, Priority, Stage, StageFailed
from shared.topology import CONSUMERS, CRASH_LIMIT, REQUESTS, TERMINAL, Consumer

CONSUMED = {event for consumer in CONSUMERS for event in consumer.events}
BULK = [consumer for consumer in CONSUMERS if consumer.priority is Priority.BULK]
EXPRESS = [consumer for consumer in CONSUMERS if consumer.priority is Priority.INTERACTIVE]
BY_STAGE = {consumer.stage: consumer for consumer in BULK if consumer.stage}
PIPELINE = list(Stage)[1:]

every_consumer = pytest.mark.parametrize("consumer", CONSUMERS, ids=lambda consumer: consumer.durable)


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_is_consumed_or_ends_a_chain(event: type[Event]) -> None:
    assert (event in CONSUMED) != (event in TERMINAL)


def test_only_events_of_the_catalogue_are_consumed() -> None:
    assert CONSUMED | set(TERMINAL) == set(EVENTS)


def test_consumers_have_names_of_their_own() -> None:
    assert len({consumer.durable for consumer in CONSUMERS}) == len(CONSUMERS)


def test_every_stage_after_ingest_has_one_consumer_and_one_for_those_who_wait() -> None:
    assert [consumer.stage for consumer in BULK if consumer.stage] == PIPELINE
    assert [consumer.stage for consumer in EXPRESS] == PIPELINE


@pytest.mark.parametrize("stage", PIPELINE)
def test_a_stage_can_be_asked_for_and_each_request_has_one_taker(stage: Stage) -> None:
    request = REQUESTS[stage]
    for priority in Priority:
        takers = [consumer for consumer in CONSUMERS if f"{request.subject}.{priority}.*" in consumer.filters]
        assert [(taker.stage, taker.priority) for taker in takers] == [(stage, priority)]


@every_consumer
def test_a_consumer_names_its_service(consumer: Consumer) -> None:
    assert (Path("services") / consumer.service / "app.py").is_file()


@pytest.mark.parametrize("stage", PIPELINE)
def test_failing_a_stage_leads_on_to_the_next(stage: Stage) -> None:
    consumer = BY_STAGE[stage]
    assert consumer.failed is not None
    if stage is PIPELINE[-1]:
        assert consumer.failed in TERMINAL
    else:
        following = BY_STAGE[PIPELINE[PIPELINE.index(stage) + 1]]
        assert consumer.failed in following.events


@every_consumer
def test_a_consumer_that_settles_a_stage_takes_file_events_only(consumer: Consumer) -> None:
    assert bool(consumer.stage) == bool(consumer.failed) == all(issubclass(event, FileEvent) for event in consumer.events)


@every_consumer
def test_every_failure_of_a_stage_is_a_failure_event(consumer: Consumer) -> None:
    if consumer.failed:
        assert issubclass(consumer.failed, StageFailed)


@every_consumer
def test_policies_are_sane(consumer: Consumer) -> None:
    assert consumer.events
    assert 1 < consumer.attempts < CRASH_LIMIT
    assert 5 <= consumer.ack_wait < consumer.limit


def test_chains_begin_with_what_people_ask_for() -> None:
    assert ImportRequested in CONSUMED
    assert FileIngested in BY_STAGE[Stage.PROXY].events
