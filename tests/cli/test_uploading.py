"""What `./spillway upload` does with paths and jobs."""

from pathlib import Path

import pytest

from cli.uploading import Sent, found, tell, together, told


def test_every_file_of_a_folder_is_found_once_in_order(tmp_path: Path) -> None:
    for name in ("b/2.mp4", "b/1.mp4", "a.jpg", ".hidden/x.jpg", "b/.DS_Store"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    single = tmp_path / ".hidden" / "x.jpg"
    assert list(found([tmp_path, single])) == [tmp_path / "a.jpg", tmp_path / "b/1.mp4", tmp_path / "b/2.mp4", single]


def test_several_jobs_are_told_as_one() -> None:
    def job(finished: bool, done: int, eta: float | None) -> dict[str, object]:
        counts = {"pending": 1, "done": done, "skipped": 0, "failed": 2, "rate": 0.5, "eta_seconds": eta}
        return {"finished": finished, "stages": {"proxy": counts}}

    both = together([job(True, 1, None), job(False, 3, 8.0)])
    assert not both["finished"]
    assert both["stages"]["proxy"] == {"pending": 2, "done": 4, "skipped": 0, "failed": 4, "rate": 1.0, "eta_seconds": 8.0}
    assert both["stages"]["embed"]["eta_seconds"] is None
    assert together([job(True, 1, None)])["finished"]
    assert together([])["finished"]


def test_files_that_were_only_sent_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    results: list[dict[str, str | None]] = [{"path": "a", "error": None}, {"path": "b", "error": "It is empty."}]
    tell(results, as_json=False, is_over=False)
    assert capsys.readouterr().out.startswith("1 of 2 files sent")


def test_a_file_that_was_not_sent_is_told_without_asking() -> None:
    nobody = object()
    result = told(Sent(Path("a"), None, "It is empty."), nobody, is_over=True)  # type: ignore[arg-type]
    assert result == {"path": "a", "upload_id": None, "error": "It is empty."}
