"""How long a batch will take, and what the estimate says that it rests on."""

from datetime import UTC, datetime, timedelta

import pytest

from services.search.batches.progress import (
    FIRST,
    NOTHING_LEFT,
    WAITS,
    Counts,
    Estimate,
    Measured,
    Work,
    estimate,
    length,
    measured_in,
    recently,
    unmoved,
)
from shared.contracts import Kind, Stage

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(seconds=60)
VIDEOS = Counts(Kind.VIDEO, pending=4, seconds_left=2040.0, bytes_left=4_000_000)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def work(done: float, began: float, kind: Kind = Kind.VIDEO) -> Work:
    return Work(kind, done, ago(began), NOW)


def of(**measured: Measured) -> dict[Kind, Measured]:
    return measured_in({Kind(kind): one for kind, one in measured.items()}, [], ago(60))


def test_video_is_counted_in_minutes_at_times_real_time() -> None:
    left = estimate(Stage.PROXY, [VIDEOS], of(video=Measured(1, 1, 126.0)), [], MINUTE)
    assert left.seconds == pytest.approx(2040 / 2.1, abs=0.1)
    assert left.basis == "34 min of video left at 2.1\N{MULTIPLICATION SIGN} real time, measured over the last 60 s."


def test_what_is_done_of_a_film_under_way_is_not_left() -> None:
    left = estimate(Stage.TRANSCRIBE, [VIDEOS], of(video=Measured(1, 1, 60.0)), [work(1980.0, 5)], MINUTE)
    assert left.seconds == pytest.approx(60.0)


def test_photos_are_counted_by_the_piece_and_the_slowest_kind_decides() -> None:
    photos = Counts(Kind.IMAGE, pending=120)
    measured = of(video=Measured(1, 1, 120.0), image=Measured(204, 1, 0))
    left = estimate(Stage.PROXY, [VIDEOS, photos], measured, [], MINUTE)
    assert left.seconds == pytest.approx(1020.0)
    assert left.basis.endswith("real time and 120 photos left at 3.4 a second, measured over the last 60 s.")
    assert estimate(Stage.PROXY, [photos], measured, [], MINUTE).seconds == pytest.approx(120 / 3.4, abs=0.1)


def test_without_known_lengths_bytes_count() -> None:
    unknown = Counts(Kind.AUDIO, pending=2, bytes_left=60_000_000, seconds_left=5.0, unmeasured=1)
    left = estimate(Stage.PROXY, [unknown], of(audio=Measured(3, 120_000_000, 9)), [], MINUTE)
    assert left == Estimate(30.0, "60 MB of sound left at 2 MB a second, measured over the last 60 s.")


@pytest.mark.parametrize("stage", [Stage.ANALYSE, Stage.EMBED])
def test_what_reads_texts_is_counted_by_the_piece(stage: Stage) -> None:
    left = estimate(stage, [VIDEOS], of(video=Measured(2, 1, 900)), [], MINUTE)
    assert left == Estimate(120.0, "4 videos left at 2.0 a minute, measured over the last 60 s.")


def test_why_nobody_can_tell() -> None:
    nothing = of()
    assert estimate(Stage.PROXY, [VIDEOS], nothing, [], MINUTE) == Estimate(None, WAITS)
    assert estimate(Stage.PROXY, [VIDEOS], nothing, [work(0.0, 1)], MINUTE) == Estimate(None, FIRST)
    one = Counts(Kind.IMAGE, pending=1)
    left = estimate(Stage.PROXY, [VIDEOS, one], of(video=Measured(1, 1, 9)), [], MINUTE)
    assert left == Estimate(None, "No photo has been finished yet, so nobody can tell how long 1 photo will take.")
    assert estimate(Stage.PROXY, [Counts(Kind.VIDEO, done=3)], nothing, [], MINUTE) == Estimate(0.0, NOTHING_LEFT)


def test_a_single_film_has_a_rate_while_it_is_under_way() -> None:
    film = Counts(Kind.VIDEO, pending=1, seconds_left=7200.0)
    under_way = [work(600.0, 300)]
    left = estimate(Stage.PROXY, [film], measured_in({}, under_way, ago(300)), under_way, timedelta(seconds=300))
    assert left.seconds == pytest.approx(3300.0)


@pytest.mark.parametrize(
    ("began", "last_before", "since"),
    [(1000, 70, 70), (1000, 600, 600), (1000, None, 1000), (30, None, 30), (1000, 61, 61)],
    ids=["steady", "slow", "first", "young", "edge"],
)
def test_a_rate_looks_back_as_far_as_its_work_began(began: float, last_before: float | None, since: float) -> None:
    """A film that was finished a second ago took more than the last minute."""
    films = Counts(Kind.VIDEO, pending=1, last_before=None if last_before is None else ago(last_before))
    assert recently([films], ago(began), NOW) == ago(since)
    assert recently([Counts(Kind.IMAGE, done=9)], ago(1000), NOW) == ago(60)


def test_of_work_under_way_counts_what_was_done_in_the_window() -> None:
    measured = measured_in({Kind.VIDEO: Measured(1, 10, 30.0)}, [work(100.0, 120), work(8.0, 10)], ago(60))
    assert measured[Kind.VIDEO] == Measured(1, 10, 30.0 + 50.0 + 8.0)
    assert measured[Kind.IMAGE] == Measured()


def test_kinds_that_are_left_and_had_no_turn() -> None:
    photos, sounds = Counts(Kind.IMAGE, pending=1), Counts(Kind.AUDIO, pending=0, done=1)
    assert unmoved(Stage.PROXY, [VIDEOS, photos, sounds], of(video=Measured(1, 1, 9))) == [Kind.IMAGE]


def test_speed() -> None:
    assert work(30.0, 10).speed == pytest.approx(3.0)
    assert work(0.0, 10).speed is None
    assert Work(Kind.VIDEO, 1.0, NOW, NOW).speed is None


def test_what_an_earlier_worker_did_is_not_this_one_s_speed() -> None:
    resumed = Work(Kind.VIDEO, 380.0, ago(10), NOW, begun_with=360.0)
    assert resumed.speed == pytest.approx(2.0)
    assert resumed.since(ago(60)) == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(4.4, "4 s"), (119, "119 s"), (120, "2 min"), (2040, "34 min"), (7200, "2 h 00 min"), (9000, "2 h 30 min")],
)
def test_lengths_are_told_as_people_do(seconds: float, told: str) -> None:
    assert length(seconds) == told
