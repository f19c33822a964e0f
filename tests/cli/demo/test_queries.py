"""What the demo searches for in a folder of one's own."""

from typing import Any

from cli.demo.queries import chosen, sample_queries


def spoken(path: str, *texts: str) -> dict[str, Any]:
    return {"path": path, "transcript": {"segments": [{"text": text} for text in texts]}}


def silent(path: str) -> dict[str, Any]:
    return {"path": path, "transcript": None}


def test_each_query_is_of_another_file_and_short() -> None:
    files = [spoken("a.mp4", "Yes.", "The river comes down from the mountain."), spoken("b.mp4", "Good morning everybody.")]
    assert list(chosen(iter(files))) == ["The river comes down from", "Good morning everybody."]


def test_three_are_enough_and_no_further_file_is_asked_for() -> None:
    files = iter([spoken(f"{n}.mp4", f"sentence {n}") for n in range(5)])
    assert len(list(chosen(files))) == 3
    assert len(list(files)) == 2


def test_silent_files_are_searched_by_their_names() -> None:
    assert list(chosen(iter([silent("/x/pool_at_night.jpg"), spoken("b.mp4", "Hello there.")]))) == [
        "Hello there.",
        "pool at night",
    ]


def test_nothing_searchable_means_no_queries() -> None:
    assert list(chosen(iter([]))) == []


def test_the_samples_have_three() -> None:
    assert len(sample_queries()) == 3
