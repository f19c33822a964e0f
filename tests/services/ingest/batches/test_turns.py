"""Which files of a batch are handed out."""

from uuid import uuid4

import pytest

from services.ingest.batches.turns import DONE_MEANWHILE, GONE, ON_ITS_WAY, UNDER_WAY, Ask, Item, Settle, Standing, decide
from shared.contracts import Kind, StageState

JOB, FILE = uuid4(), uuid4()
ITEM = Item(b"/a.mp4", FILE, Kind.VIDEO)


def standing(state: StageState, *, run: bool = False, first_way: bool = False, current: bool = True) -> Standing:
    return Standing(FILE, 3, current, state, JOB if run else None, first_way)


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("state", [StageState.FAILED, StageState.SKIPPED])
def test_what_has_no_result_is_asked_for(state: StageState, force: bool) -> None:
    assert decide(ITEM, standing(state), JOB, force=force) == Ask(ITEM, 3)


@pytest.mark.parametrize(
    ("state", "reason"), [(StageState.PENDING, UNDER_WAY), (StageState.DONE, DONE_MEANWHILE)], ids=["pending", "done"]
)
def test_what_needs_nothing_is_skipped_unless_forced(state: StageState, reason: str) -> None:
    assert decide(ITEM, standing(state), JOB, force=False) == Settle(ITEM, StageState.SKIPPED, reason)
    assert decide(ITEM, standing(state), JOB, force=True) == Ask(ITEM, 3)


def test_what_was_handed_out_is_not_handed_out_again() -> None:
    assert decide(ITEM, standing(StageState.PENDING, run=True), JOB, force=True) is None


def test_a_settled_file_of_the_same_job_may_be_handed_out() -> None:
    """Another request took it, and was called off."""
    assert decide(ITEM, standing(StageState.FAILED, run=True), JOB, force=False) == Ask(ITEM, 3)


@pytest.mark.parametrize("force", [False, True])
def test_a_file_that_has_yet_to_come_to_the_stage_is_left_to_come(force: bool) -> None:
    verdict = decide(ITEM, standing(StageState.PENDING, first_way=True), JOB, force=force)
    assert verdict == Settle(ITEM, StageState.SKIPPED, ON_ITS_WAY)


def test_a_file_that_was_removed_fails_in_words() -> None:
    assert decide(ITEM, None, JOB, force=True) == Settle(ITEM, StageState.FAILED, GONE)


def test_a_result_for_older_content_is_none() -> None:
    assert decide(ITEM, standing(StageState.DONE, current=False), JOB, force=False) == Ask(ITEM, 3)
