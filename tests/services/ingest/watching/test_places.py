import pytest

from services.ingest.watching.places import above, common, is_networked, is_within

MOUNTS = """\
/dev/vda / ext4 rw 0 0
nas:/footage /mnt/nas nfs4 rw 0 0
//box/share /mnt/with\\040space cifs rw 0 0
/dev/sdb1 /mnt/nas/local ext4 rw 0 0
host:/ /mnt/ssh fuse.sshfs rw 0 0
/dev/sdc1 /mnt/stick fuse.ntfs-3g rw 0 0
broken
"""


def test_a_folder_contains_itself_and_what_is_in_it_but_not_what_begins_alike() -> None:
    assert is_within("/films", "/films")
    assert is_within("/films/a", "/films")
    assert not is_within("/films 2/a", "/films")
    assert is_within("/films", "/")


def test_the_folders_around_a_path_end_with_the_root() -> None:
    assert list(above("/films/a/b/1.mp4", "/films")) == ["/films/a/b", "/films/a", "/films"]
    assert list(above("/films", "/films")) == ["/films"]
    assert list(above("/elsewhere/1.mp4", "/films")) == ["/films"]


def test_the_innermost_folder_around_several() -> None:
    assert common(["/films/a/b", "/films/a"]) == "/films/a"
    assert common(["/films/a/b", "/films/a b"]) == "/films"
    assert common(["/films/a"]) == "/films/a"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/home/me", False), ("/mnt/nas", True), ("/mnt/nas/day 1", True), ("/mnt/nas/local/x", False), ("/mnt/nasty", False),
        ("/mnt/with space/x", True), ("/mnt/ssh/x", True), ("/mnt/stick/x", False), (r"\\box\share", True),
    ],
)  # fmt: skip
def test_drives_whose_changes_nobody_tells_of_are_known(path: str, expected: bool) -> None:
    assert is_networked(path, MOUNTS) is expected
