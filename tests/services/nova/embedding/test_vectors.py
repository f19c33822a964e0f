"""Vectors of a file's moments, gathered."""

from services.nova.embedding.vectors import Made, Vectors
from services.nova.moments import Moment

NAME, SEEN = Moment("name", "pond"), Moment("picture", "")


def test_each_embedder_has_vectors_of_its_own() -> None:
    made = Made([NAME], {"words": Vectors({"pond": "[1]"}), "eyes": Vectors({"pond": "[2]"}, {SEEN: "[3]"})})
    assert made.moments == [NAME, SEEN]
    assert [made.vector(model, NAME) for model in ("words", "eyes", "nobody")] == ["[1]", "[2]", None]
    assert [made.vector(model, SEEN) for model in ("words", "eyes")] == [None, "[3]"]


def test_what_was_staged_is_told_of_all() -> None:
    made = Made([], {"one": Vectors(staged=["a"]), "two": Vectors(staged=["b"])})
    assert made.staged == ["a", "b"]


def test_each_reason_is_told_once() -> None:
    made = Made([], {"one": Vectors(refused="No budget."), "two": Vectors(refused="No budget."), "three": Vectors()})
    assert (made.refused or "").count("No budget.") == 1
    assert Made([], {"one": Vectors()}).refused is None
