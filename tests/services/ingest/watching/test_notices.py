"""Notices of changes from the real system."""

import os
import sys
from pathlib import Path

import pytest
from watchfiles._rust_notify import RustNotify

from services.ingest.watching import notices as module
from services.ingest.watching.notices import ON_A_NETWORK, OVERFLOW, Notices, Poll
from tests.support.waiting import until_so

WAYS: list[Poll] = ["events", "polling"]


def noticing(folder: Path, poll: Poll, *, recursive: bool = True) -> Notices:
    return Notices(str(folder), poll=poll, settle=0.2, recursive=recursive)


async def heard(notices: Notices, path: Path) -> None:
    async def is_heard() -> bool:
        return str(path) in (await notices.changed(0.2) or ())

    await until_so(is_heard)


@pytest.mark.parametrize("poll", WAYS)
async def test_what_is_written_renamed_and_deleted_is_told(tmp_path: Path, poll: Poll) -> None:
    async with noticing(tmp_path, poll) as notices:
        assert (notices.way, notices.reason) == (poll, None)
        assert await notices.changed(0.05) == frozenset()
        file, renamed = tmp_path / "new" / "a.mp4", tmp_path / "new" / "b.mp4"
        file.parent.mkdir()
        await heard(notices, file.parent)
        file.write_bytes(b"film")
        await heard(notices, file)
        file.rename(renamed)
        await heard(notices, renamed)
        renamed.unlink()
        await heard(notices, renamed)


async def test_folders_in_the_folder_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    async with noticing(tmp_path, "events", recursive=False) as notices:
        (tmp_path / "deep" / "a.mp4").write_bytes(b"film")
        (tmp_path / "b.mp4").write_bytes(b"film")
        told: set[str] = set()

        async def is_told() -> bool:
            told.update(await notices.changed(0.2) or ())
            return str(tmp_path / "b.mp4") in told

        await until_so(is_told)
        assert str(tmp_path / "deep" / "a.mp4") not in told


def no_room(root: str, recursive: bool) -> RustNotify:
    raise OSError(28, "OS file watch limit reached.")


async def test_without_room_for_events_the_folder_is_polled_and_says_why(tmp_path: Path) -> None:
    notices = Notices(str(tmp_path), poll="auto", settle=0.2, recursive=True, open_events=no_room)
    async with notices:
        assert notices.way == "polling"
        assert notices.reason is not None
        assert "OS file watch limit reached." in notices.reason
        assert "fs.inotify.max_user_watches" in notices.reason
        (tmp_path / "a.mp4").write_bytes(b"film")
        await heard(notices, tmp_path / "a.mp4")


@pytest.mark.skipif(sys.platform != "linux", reason="how Linux says that there are no more")
async def test_the_systems_own_refusal_is_one_that_is_understood(tmp_path: Path) -> None:
    import resource

    def with_no_more_files(root: str, recursive: bool) -> RustNotify:
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        os.close(first_free := os.dup(0))  # the lowest: numbers above may be taken, and do not count
        resource.setrlimit(resource.RLIMIT_NOFILE, (first_free, limits[1]))
        try:
            return RustNotify([root], False, False, 0, recursive, True)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)

    async with Notices(str(tmp_path), poll="events", settle=0.2, recursive=True, open_events=with_no_more_files) as notices:
        assert notices.way == "polling"
        assert "Too many open files" in (notices.reason or "")


async def test_a_drive_on_the_network_is_polled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"nas:/films {tmp_path} nfs4 rw 0 0\n")
    monkeypatch.setattr(module, "MOUNTS", mounts)
    async with noticing(tmp_path, "auto") as notices:
        assert (notices.way, notices.reason) == ("polling", ON_A_NETWORK)
    async with noticing(tmp_path, "events") as notices:
        assert (notices.way, notices.reason) == ("events", None)


async def test_so_many_changes_that_some_may_be_lost_are_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert OVERFLOW < 16_384
    monkeypatch.setattr(module, "OVERFLOW", 10)
    async with noticing(tmp_path, "events") as notices:
        for number in range(50):
            (tmp_path / f"{number}.jpg").write_bytes(b"photo")

        async def is_told() -> bool:
            return await notices.changed(0.2) is None

        await until_so(is_told)
