"""Which facts a listener wants."""

from uuid import UUID

import pytest

from services.search.live.facts import PROGRESS, Fact, Wanted
from services.search.live.places import Place

FILE, OTHER, JOB = (UUID(int=number) for number in (1, 2, 3))


def fact(subject: str = "proxy.ready", file: UUID | None = FILE, job: UUID | None = None) -> Fact:
    return Fact(Place(1), subject, str(file) if file else None, str(job) if job else None, b"")


@pytest.mark.parametrize(
    ("wanted", "given", "admitted"),
    [
        (Wanted(), fact(), True),
        (Wanted(file_id=FILE), fact(), True),
        (Wanted(file_id=FILE), fact(file=OTHER), False),
        (Wanted(file_id=FILE), fact("import.requested", None, JOB), False),
        (Wanted(subjects=frozenset({"proxy.ready", "proxy.failed"})), fact(), True),
        (Wanted(subjects=frozenset({"proxy.failed"})), fact(), False),
        (Wanted(job_id=JOB), fact("import.requested", None, JOB), True),
        (Wanted(job_id=JOB), fact("import.requested", None, OTHER), False),
        (Wanted(job_id=JOB), fact(), True),  # a file of the job
        (Wanted(job_id=JOB), fact(file=OTHER), False),
        (Wanted(job_id=JOB), fact(job=OTHER), False),  # the file is one of the job's, but this is done for another
        (Wanted(job_id=JOB, file_id=FILE, subjects=frozenset({"proxy.ready"})), fact(job=JOB), True),
    ],
)
def test_what_is_wanted(wanted: Wanted, given: Fact, admitted: bool) -> None:
    assert wanted.admits(given, {str(FILE): {str(JOB)}}) is admitted


def test_the_stream_is_asked_for_no_more_than_is_wanted() -> None:
    assert Wanted(job_id=JOB).filters() == []
    assert Wanted(subjects=frozenset({"import.requested"})).filters() == ["import.requested"]
    asked = Wanted(file_id=FILE, subjects=frozenset({"proxy.ready", "proxy.requested", "import.requested"})).filters()
    assert sorted(asked) == [f"proxy.ready.{FILE}", f"proxy.requested.*.{FILE}"]


def test_what_cannot_be_in_the_stream_is_not_asked_for() -> None:
    assert Wanted().is_of_the_stream
    assert not Wanted(subjects=frozenset({PROGRESS})).is_of_the_stream
    assert not Wanted(file_id=FILE, subjects=frozenset({"import.requested"})).is_of_the_stream


def test_progress_is_told_to_those_who_listen_to_a_job() -> None:
    assert Wanted(job_id=JOB).progress
    assert Wanted(job_id=JOB, subjects=frozenset({PROGRESS})).progress
    assert not Wanted(job_id=JOB, subjects=frozenset({"proxy.ready"})).progress
    assert not Wanted(subjects=frozenset({PROGRESS})).progress
