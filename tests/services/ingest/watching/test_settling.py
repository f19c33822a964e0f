import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.watching import settling as module
from services.ingest.watching.settling import PATIENCE, Rescan, Settling, Stamp

ROOT = "/films"
SETTLE = 10.0


class Disk:
    """What is on the disk, and the clock: turns look at all that is to be looked at."""

    def __init__(self) -> None:
        self.files: dict[str, Stamp] = {}
        self.now = 0.0
        self.settling = Settling(ROOT, SETTLE)

    def write(self, path: str, size: int, *, told: bool = True) -> None:
        self.files[path] = (size, round(self.now * 1e9))
        if told:
            self.settling.heard([path], self.now)

    def delete(self, path: str) -> None:
        self.files.pop(path, None)
        self.settling.heard([path], self.now)

    def turn(self, seconds: float = 1.0, *, whole: bool = False) -> Rescan | None:
        self.now += seconds
        self.settling.looked({path: self.files.get(path) for path in self.settling.to_look_at(self.now)}, self.now)
        return self.settling.take(self.now, whole=whole)

    def until_taken(self, within: float = 200.0) -> Rescan | None:
        until = self.now + within
        while self.now < until:
            if taken := self.turn():
                return taken
        return None


@pytest.fixture
def disk() -> Disk:
    return Disk()


def test_a_file_is_taken_once_it_has_not_changed_for_the_settle_time(disk: Disk) -> None:
    disk.write("/films/a.mp4", 1)
    assert [disk.turn() for _ in range(9)] == [None] * 9
    assert disk.turn() == Rescan(ROOT)
    assert disk.settling.is_idle
    assert disk.until_taken() is None


def test_a_file_that_grows_is_not_taken_while_it_grows(disk: Disk) -> None:
    for size in range(20):
        disk.write("/films/a.mp4", size)
        assert disk.turn(SETTLE - 1) is None
    assert disk.until_taken() == Rescan(ROOT)


def test_growth_that_nobody_tells_of_is_noticed_too(disk: Disk) -> None:
    disk.write("/films/a.mp4", 1)
    disk.turn()
    for size in range(2, 6):
        disk.write("/films/a.mp4", size, told=False)
        assert disk.turn(SETTLE) is None
    assert disk.turn(SETTLE) == Rescan(ROOT)


def test_a_notice_begins_the_time_anew_even_if_the_file_looks_the_same(disk: Disk) -> None:
    disk.write("/films/a.mp4", 1)
    disk.turn(SETTLE - 1)
    disk.settling.heard(["/films/a.mp4"], disk.now)
    assert disk.turn(SETTLE - 1) is None
    assert disk.until_taken() == Rescan(ROOT)


def test_ten_thousand_files_make_one_rescan(disk: Disk) -> None:
    for number in range(10_000):
        disk.write(f"/films/day {number % 10}/{number}.jpg", 1)
    assert disk.until_taken() == Rescan(ROOT)
    assert disk.settling.is_idle


def test_the_innermost_folder_around_all_that_changed_is_rescanned(disk: Disk) -> None:
    disk.write("/films/a/b/1.mp4", 1)
    assert disk.until_taken() == Rescan("/films/a/b")
    disk.delete("/films/a/b/1.mp4")
    disk.write("/films/a/c/1.mp4", 1)
    assert disk.until_taken() == Rescan("/films/a"), "a move is seen at both ends at once"


def test_settled_files_wait_for_others_that_move_in_their_folder(disk: Disk) -> None:
    disk.write("/films/a/1.mp4", 1)
    disk.write("/films/c/2.mp4", 1)
    disk.turn(SETTLE / 2)
    disk.write("/films/a/deep/3.mp4", 1)
    assert disk.turn(SETTLE / 2) == Rescan("/films/c")
    assert disk.until_taken() == Rescan("/films/a")


def test_a_recording_that_grows_for_hours_holds_the_others_up_only_for_a_while(disk: Disk) -> None:
    disk.write("/films/a.mp4", 1)
    taken = None
    while not taken:
        disk.write("/films/recording.mp4", round(disk.now))
        taken = disk.turn()
    assert taken == Rescan(ROOT, ("/films/recording.mp4",))
    assert disk.now >= PATIENCE * SETTLE
    assert disk.until_taken() == Rescan(ROOT), "and the recording is taken when it is over"


def test_what_is_deleted_or_renamed_away_has_its_folder_rescanned(disk: Disk) -> None:
    disk.write("/films/a/1.mp4", 1)
    disk.until_taken()
    disk.delete("/films/a/1.mp4")
    assert disk.until_taken() == Rescan("/films/a")


def test_a_folder_that_is_gone_itself_is_covered_by_the_one_around_it(disk: Disk) -> None:
    for path in ("/films/a/b/1.mp4", "/films/a/b", "/films/a"):
        disk.delete(path)
    assert disk.until_taken() == Rescan(ROOT)


def test_more_than_can_be_followed_waits_until_all_is_quiet(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PENDING", 100)
    disk.settling.heard([f"/films/{number}.jpg" for number in range(101)], disk.now)
    disk.turn(SETTLE - 1)
    disk.settling.heard(["/films/another.jpg"], disk.now)
    assert disk.turn(SETTLE - 1) is None
    assert disk.turn() == Rescan(ROOT)
    assert disk.settling.is_idle


def test_a_change_of_which_nobody_knows_the_place_has_everything_rescanned(disk: Disk) -> None:
    disk.settling.stir(disk.now)
    assert not disk.settling.is_idle
    disk.now += SETTLE - 1
    disk.settling.heard([], disk.now)
    disk.now -= SETTLE - 1
    assert disk.turn(SETTLE) == Rescan(ROOT)


def test_as_a_whole_the_root_is_rescanned_once_nothing_in_it_moves(disk: Disk) -> None:
    disk.write("/films/a/1.mp4", 1)
    disk.turn(SETTLE / 2)
    disk.write("/films/b/2.mp4", 1)
    assert disk.turn(SETTLE / 2, whole=True) is None
    assert disk.turn(SETTLE / 2, whole=True) == Rescan(ROOT)


PATHS = st.sampled_from([f"/films/{folder}/{name}" for folder in ("a", "a/b", "c") for name in ("1", "2")])
STEPS = st.lists(st.tuples(PATHS, st.sampled_from(["write", "delete", "wait"]), st.floats(0.1, 15)), max_size=30)


@given(STEPS)
def test_whatever_happens_every_change_is_covered_in_the_end_and_nothing_that_moves_is_taken(
    steps: list[tuple[str, str, float]],
) -> None:
    disk = Disk()
    uncovered: set[str] = set()
    changed: dict[str, float] = {}

    def cover(rescan: Rescan | None) -> None:
        for path in [path for path in uncovered if rescan and path.startswith(rescan.folder + "/")]:
            if rescan and path not in rescan.excepted:
                assert disk.now - changed[path] >= SETTLE
                uncovered.remove(path)

    for path, what, seconds in steps:
        if what == "write":
            disk.write(path, round(seconds * 1000))
        elif what == "delete":
            disk.delete(path)
        if what != "wait":
            uncovered.add(path)
            changed[path] = disk.now
        cover(disk.turn(seconds))
    for _ in range(100):
        cover(disk.turn())
    assert not uncovered
    assert disk.settling.is_idle
