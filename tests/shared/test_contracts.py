"""The events: their names, ids and addresses, and what is on the wire, which must not change."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from shared.contracts import (
    BY_SUBJECT,
    EVENTS,
    Event,
    FileEvent,
    FileIngested,
    ImportRequested,
    Kind,
    ProxyFailed,
    StageRequested,
    event_class,
)
from shared.outbox import cloud_event_headers
from tests.support.data import FOLDER, golden
from tests.support.examples import EXAMPLES, FILE, JOB

TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

every_event = pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.type())


def every_subclass(kind: type[Event]) -> set[type[Event]]:
    return {kind}.union(*(every_subclass(child) for child in kind.__subclasses__()))


def golden_name(event: Event) -> str:
    return f"events/{event.subject}.v{event.version}"


def test_the_catalogue_has_every_event_once() -> None:
    declared = {kind for kind in every_subclass(Event) if "subject" in vars(kind)}
    assert declared == set(EVENTS)
    assert len(EVENTS) == len(BY_SUBJECT)


def test_there_is_an_example_of_every_event() -> None:
    assert [type(event) for event in EXAMPLES] == list(EVENTS)


@every_event
def test_no_field_of_an_example_is_at_its_default(event: Event) -> None:
    """Or a renamed optional field would go unnoticed."""
    for name, field in type(event).model_fields.items():
        assert field.is_required() or getattr(event, name) != field.default


@every_event
def test_the_golden_message_still_says_what_it_said(event: Event, update_test_data: bool) -> None:
    current = {
        "address": event.address,
        "headers": cloud_event_headers(event, TIME, "test"),
        "body": event.model_dump(mode="json"),
    }
    kept = golden(golden_name(event), current, update=update_test_data)
    assert type(event).model_validate(kept["body"]) == event
    assert kept["headers"] == current["headers"]
    assert event_class(kept["address"]) is type(event)
    assert kept["address"] == event.address


def test_a_message_from_before_there_were_runs_is_still_the_same_event() -> None:
    body = {"file_id": str(FILE), "revision": 2, "kind": "video", "reason": "The file is damaged; copy it again."}
    event = ProxyFailed.model_validate(body)
    assert event.run_id is None
    assert str(event.id) == "a68e9097-9bc0-5d15-8600-1dc37b35f6e3"


def test_no_golden_message_is_of_an_event_that_went_away() -> None:
    kept = {path.stem for path in (FOLDER / "events").glob("*.json")}
    assert kept >= {f"{event.subject}.v{event.version}" for event in EVENTS}
    assert {name.rpartition(".v")[0] for name in kept} == set(BY_SUBJECT)


@every_event
def test_a_message_reads_back_as_the_event(event: Event) -> None:
    assert type(event).model_validate_json(event.model_dump_json()) == event


@every_event
def test_fields_of_a_later_version_are_ignored(event: Event) -> None:
    assert type(event).model_validate({**event.model_dump(), "added_later": 1}) == event


def test_events_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        EXAMPLES[0].job_id = uuid4()  # type: ignore[attr-defined]


def test_telling_the_same_thing_twice_is_telling_the_same_event() -> None:
    assert ImportRequested(job_id=JOB).id == ImportRequested(job_id=JOB).id
    assert ImportRequested(job_id=JOB).id != ImportRequested(job_id=uuid4()).id


def failed(file_id: UUID = FILE, revision: int = 1, reason: str = "no") -> ProxyFailed:
    return ProxyFailed(file_id=file_id, revision=revision, kind=Kind.VIDEO, reason=reason)


def test_a_file_event_is_told_apart_by_file_and_revision_only() -> None:
    assert failed().id == failed(reason="for another reason").id
    assert failed().id != failed(revision=2).id
    assert failed().id != failed(file_id=uuid4()).id


def test_events_of_different_subjects_or_versions_differ() -> None:
    class Renewed(ProxyFailed):
        version = 2

    assert len({event.id for event in EXAMPLES}) == len(EXAMPLES)
    assert Renewed(**failed().model_dump()).id != failed().id
    assert Renewed.type() == "spillway.proxy.failed.v2"


@every_event
def test_the_address_is_what_consumers_filter_by(event: Event) -> None:
    if isinstance(event, StageRequested):
        assert event.address == f"{event.subject}.{event.priority}.{FILE}"
        assert event.filter() == f"{event.subject}.*.*"
    elif isinstance(event, FileEvent):
        assert event.address == f"{event.subject}.{FILE}"
        assert event.filter() == f"{event.subject}.*"
    else:
        assert event.address == event.filter() == event.subject


@every_event
def test_the_class_is_found_by_address(event: Event) -> None:
    assert event_class(event.address) is type(event)


@pytest.mark.parametrize(
    "address", ["", "file", "file.vanished", f"file.vanished.{FILE}", f"file.ingested.{FILE}.x", ".", "x.y"]
)
def test_an_unknown_address_has_no_class(address: str) -> None:
    assert event_class(address) is None


@pytest.mark.parametrize("wrong", [{"revision": 0}, {"kind": "sculpture"}, {"size": -1}, {"duration": -0.5}, {"file_id": "7"}])
def test_impossible_facts_are_refused(wrong: dict[str, object]) -> None:
    example = next(event for event in EXAMPLES if isinstance(event, FileIngested))
    with pytest.raises(ValidationError):
        FileIngested.model_validate({**example.model_dump(), **wrong})


def test_headers_are_those_of_a_cloud_event() -> None:
    headers = cloud_event_headers(failed(), TIME, "proxy")
    assert headers == {
        "Nats-Msg-Id": str(failed().id),
        "content-type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": str(failed().id),
        "ce-type": "spillway.proxy.failed.v1",
        "ce-source": "/spillway/proxy",
        "ce-time": "2026-01-02T03:04:05+00:00",
        "ce-subject": str(FILE),
    }


def test_an_event_about_no_file_has_no_subject_header() -> None:
    assert "ce-subject" not in cloud_event_headers(ImportRequested(job_id=JOB), TIME, "search")
