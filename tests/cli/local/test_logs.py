from pathlib import Path

import pytest

from cli.local import logs


def test_a_log_is_appended_to(tmp_path: Path) -> None:
    for word in (b"one\n", b"two\n"):
        with logs.open_log(tmp_path / "new" / "a.log") as log:
            log.write(word)
    assert (tmp_path / "new" / "a.log").read_bytes() == b"one\ntwo\n"


def test_a_log_that_has_grown_too_long_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LONGEST_LOG", 3)
    path = tmp_path / "a.log"
    path.write_bytes(b"long\n")
    with logs.open_log(path) as log:
        log.write(b"new\n")
    assert path.read_bytes() == b"new\n"
    assert (tmp_path / "a.log.1").read_bytes() == b"long\n"


def test_the_tail_starts_where_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("before\n")
    since = logs.size(path)
    with path.open("a") as log:
        log.writelines(f"line {number}\n" for number in range(20))
    assert logs.tail(path, since, lines=2) == "line 18\nline 19"
    assert "before" not in logs.tail(path, since, lines=100)


def test_no_log_has_no_tail(tmp_path: Path) -> None:
    assert logs.tail(tmp_path / "none.log") == ""
    assert logs.size(tmp_path / "none.log") == 0
