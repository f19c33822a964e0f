"""How a link stands at any time, and that guests learn nothing that is not theirs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.search.shares.giving import lifetime_of, name_of
from services.search.shares.standing import GONE, GUESTS, OPEN, UNKNOWN, Facts, State, standing

END = datetime(2026, 3, 8, 12, tzinfo=UTC)
NOW = END - timedelta(days=7)
WHOLE = Facts(
    expires_at=END,
    revoked_at=None,
    revision=1,
    present=1,
    is_span=False,
    clip_state=None,
    clip_error=None,
    main="proxy/x.mp4",
    proxy_state="done",
    proxy_reason=None,
)
SPAN = replace(WHOLE, is_span=True, clip_state="done")


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (NOW, State.READY),
        (END - timedelta(microseconds=1), State.READY),
        (END, State.EXPIRED),
        (END + timedelta(days=400), State.EXPIRED),
    ],
)
def test_a_link_works_until_it_expires_and_no_longer(now: datetime, state: State) -> None:
    assert standing(WHOLE, now) == standing(SPAN, now) == (state, None)


def test_what_is_revoked_stays_so_whatever_else_is_true() -> None:
    for facts in (WHOLE, SPAN, replace(WHOLE, present=2), replace(SPAN, clip_state="running")):
        for now in (NOW, END):
            assert standing(replace(facts, revoked_at=NOW), now) == (State.REVOKED, None)


def test_another_content_is_not_shared() -> None:
    for facts in (WHOLE, SPAN):
        assert standing(replace(facts, present=2), NOW)[0] is State.CHANGED


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        (replace(SPAN, clip_state="pending"), State.PREPARING, None),
        (replace(SPAN, clip_state="running"), State.PREPARING, None),
        (replace(SPAN, clip_state="failed", clip_error="The disk broke."), State.FAILED, "The disk broke."),
        (replace(SPAN, clip_state="cancelled"), State.FAILED, "The clip is no longer there; make a new link."),
        (replace(SPAN, clip_state=None), State.FAILED, "The clip is no longer there; make a new link."),
        (replace(SPAN, main=None, proxy_state="failed"), State.READY, None),
        (replace(WHOLE, main=None, proxy_state="pending"), State.PREPARING, None),
        (replace(WHOLE, main=None, proxy_state="failed", proxy_reason="It is damaged."), State.FAILED, "It is damaged."),
        (replace(WHOLE, proxy_state="pending"), State.READY, None),
    ],
)
def test_what_there_is_to_show(facts: Facts, state: State, reason: str | None) -> None:
    assert standing(facts, NOW) == (state, reason)


def test_there_is_a_sentence_for_guests_in_every_state_but_one() -> None:
    assert set(GUESTS) == set(State) - {State.READY}
    assert {State.READY, State.PREPARING, State.FAILED} == OPEN
    assert len({*GUESTS.values(), GONE, UNKNOWN}) == len(GUESTS) + 2


@pytest.mark.parametrize(("left", "lifetime"), [(1e6, 900), (900.0, 900), (899.9, 899), (60.0, 60), (0.2, 1)])
def test_an_address_lives_no_longer_than_its_link(left: float, lifetime: int) -> None:
    assert lifetime_of(NOW + timedelta(seconds=left), NOW, 900) == lifetime


@pytest.mark.parametrize(
    ("path", "name"),
    [("/films/Smith/a.b.mov", "a.b.mov"), (r"D:\Footage\Grotto é.MOV", "Grotto é.MOV"), ("a.mov", "a.mov"), ("", "")],
)
def test_guests_are_told_a_name_and_no_folders(path: str, name: str) -> None:
    assert name_of(path) == name
