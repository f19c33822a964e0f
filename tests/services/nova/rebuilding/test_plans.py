"""What is decided when the tables of search are made anew."""

import pytest

from services.nova.rebuilding.plans import PATIENT, QUICK, Source, Subject, is_wanted, patience, pause, source_of


def subject(state: str | None, prior: str | None = None) -> Subject:
    return Subject(1, "video", state, prior)


@pytest.mark.parametrize(
    ("state", "prior", "source"),
    [
        ("done", None, Source.RECORD),
        ("failed", None, Source.RECORD),
        ("pending", "done", Source.RECORD),
        ("pending", "failed", Source.RECORD),
        ("pending", None, Source.ROWS),
        ("pending", "pending", Source.ROWS),
        ("skipped", None, Source.ROWS),
        (None, None, Source.ROWS),
    ],
)
def test_a_file_that_was_never_embedded_has_no_record(state: str | None, prior: str | None, source: Source) -> None:
    assert source_of(subject(state, prior)) is source


def test_only_the_vectors_of_the_one_that_serves_are_made() -> None:
    assert is_wanted(subject("done"), serves=True, is_free=False)
    assert is_wanted(subject("pending", "done"), serves=True, is_free=False)
    assert not is_wanted(subject("done"), serves=False, is_free=False)
    assert not is_wanted(subject("done"), serves=False, is_free=True)


def test_nothing_is_paid_for_files_that_failed() -> None:
    assert not is_wanted(subject("failed"), serves=True, is_free=False)
    assert is_wanted(subject("failed"), serves=True, is_free=True)


def test_tables_are_waited_for_longer_now_and_then() -> None:
    assert [patience(tries) for tries in (1, 19, 20, 21, 40)] == [QUICK, QUICK, PATIENT, QUICK, PATIENT]


def test_who_finds_them_in_use_again_and_again_comes_back_later_and_later() -> None:
    assert [pause(tries) for tries in (1, 2, 10, 100)] == [0.2, 0.4, 2.0, 5.0]
