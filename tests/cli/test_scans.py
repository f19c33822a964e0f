"""What people read of imports and rescans."""

from typing import Any

import pytest

from cli import progress
from cli.scans import examples, items_of, line_of, print_report, until_known
from shared.changes import Change
from shared.errors import Conflict
from tests.support.terminal import Terminal

NONE = dict.fromkeys(map(str, Change), 0)


def status(state: str, **fields: Any) -> dict[str, Any]:
    told = {"done": 3, "total": 10, "eta_seconds": 75.0}
    return {
        "kind": "rescan", "state": state, "phase": "scanning", "counts": NONE, "still_missing": 0, "current_path": None,
        "error": None, "progress": told, **fields,
    }  # fmt: skip


class Reporting:
    """A gateway that answers from memory: a status for each time it is asked, and a report by the page."""

    def __init__(self, *statuses: dict[str, Any], items: tuple[dict[str, Any], ...] = ()) -> None:
        self.statuses = list(statuses)
        self.items = items

    def scan_status(self, kind: str, job_id: str) -> dict[str, Any]:
        return self.statuses.pop(0)

    def scan_report(self, kind: str, job_id: str, **params: Any) -> dict[str, Any]:
        chosen = [item for item in self.items if params.get("change") in {None, item["change"]}]
        begin, limit = int(params.get("cursor", 0)), params.get("limit", 2)
        following = str(begin + limit) if begin + limit < len(chosen) else None
        return {"items": chosen[begin : begin + limit], "next_cursor": following}


def item(path: str, change: Change, from_path: str | None = None, reason: str | None = None) -> dict[str, Any]:
    return {"path": path, "change": change, "from_path": from_path, "reason": reason}


MOVED = [item(f"/films/new/{number}.mp4", Change.MOVED, f"/films/{number}.mp4") for number in range(5)]
EMPTY = item("/films/empty.mp4", Change.UNREADABLE, reason="It is empty [0 bytes].")


def gateway(*statuses: dict[str, Any], items: tuple[dict[str, Any], ...] = ()) -> Any:
    return Reporting(*statuses, items=items)


def test_a_look_is_followed_until_its_report_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "POLL", 0.0)
    terminal = Terminal()
    found = until_known(gateway(status("pending"), status("running"), status("reported")), "rescan", "1", terminal)
    assert found["state"] == "reported"
    assert "scanning: 3 of 10 files, 1 min 15 s left" in terminal.text


@pytest.mark.parametrize(("state", "error", "said"), [("failed", "It went wrong.", "wrong"), ("cancelled", None, "cancelled")])
def test_a_look_that_failed_says_why(state: str, error: str | None, said: str) -> None:
    with pytest.raises(Conflict, match=said):
        until_known(gateway(status(state, error=error)), "rescan", "1", Terminal())


def test_the_line_says_where_the_listing_is() -> None:
    listing = status("running", current_path="/films/deep", progress={"done": 1234, "total": None, "eta_seconds": None})
    assert line_of(listing) == "listing: 1,234 files, at /films/deep"


def test_a_report_is_counts_with_a_few_examples_from_the_folder_that_all_share() -> None:
    counts = {**NONE, Change.MOVED: 5, Change.UNREADABLE: 1, Change.UNCHANGED: 1000}
    known = gateway(items=(*MOVED, EMPTY))
    found = examples(known, "rescan", "1", counts)
    assert {change: len(items) for change, items in found.items()} == {Change.MOVED: 3, Change.UNREADABLE: 1}
    terminal = Terminal()
    print_report(status("reported", counts=counts, still_missing=2), found, terminal)
    lines = [line.strip() for line in terminal.text.splitlines()]
    assert lines[0] == "/films/"
    assert "5 moved to another folder new/0.mp4 ← 0.mp4" in " ".join(lines[1].split())
    assert any("empty.mp4: It is empty [0 bytes]." in line for line in lines)
    assert "1,000 unchanged" in [" ".join(line.split()) for line in lines]
    assert "2 more were missing before, and still are." in terminal.text


def test_an_empty_report_says_so() -> None:
    terminal = Terminal()
    print_report(status("reported"), {}, terminal)
    assert terminal.text == "There are no files.\n"


def test_all_items_are_read_page_by_page() -> None:
    assert list(items_of(gateway(items=(*MOVED, EMPTY)), "rescan", "1")) == [*MOVED, EMPTY]
