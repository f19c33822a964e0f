"""The list benchmark asks all sides for the same pages."""

from services.search.http import cursors
from tests.bench.list import FEW_ROWS, PAGES, ROWS, our_paths, pages, peer_paths
from tests.bench.list_rows import cursor_of
from tests.bench.load import LIST, SEARCH, mixed

FILES = 10_000


def test_the_second_page_begins_after_as_many_files_as_a_page_has() -> None:
    cursor = cursors.read(cursor_of(2, FEW_ROWS, FILES))
    assert cursor.last.int == FILES - FEW_ROWS + 1  # ids count from 1, the latest comes first
    assert cursor.total == FILES


def test_the_last_page_has_the_first_files() -> None:
    assert cursors.read(cursor_of(FILES // FEW_ROWS, FEW_ROWS, FILES)).last.int == FEW_ROWS + 1


def test_all_sides_are_asked_for_the_same_pages() -> None:
    assert len(our_paths(FILES)) == len(peer_paths(FILES)) == PAGES
    assert set(pages(FILES)) <= set(range(2, FILES // ROWS + 1))
    for ours, theirs in zip(our_paths(FILES), peer_paths(FILES), strict=True):
        assert str(cursors.read(ours.partition("cursor=")[2]).last) == theirs.partition("before=")[2]


def test_lists_and_searches_are_asked_in_turn_and_half_of_the_searches_are_new() -> None:
    paths = mixed(FILES)
    assert all(path.startswith(LIST) for path in paths[::2])
    assert all(path.startswith(SEARCH) for path in paths[1::2])
    assert len(set(paths[3::4])) == len(paths[3::4])
    assert len(set(paths[1::4])) < len(paths[1::4])
