"""Whose an object is, and what was made otherwise than today."""

from uuid import UUID

import pytest

from services.proxy import recipes
from services.proxy.reconcile.findings import SENTENCES, Change, outdated, owner_of
from shared.contracts import Kind
from shared.media_encoders import Encoder

FILE = "0190c0de-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    ("key", "owner"),
    [
        (f"proxy/{FILE}/r1/a.mp4", UUID(FILE)),
        (f"proxy/{FILE}", None),
        (f"uploads/{FILE}/a", None),
        (f"x/proxy/{FILE}/a", None),
        ("proxy/a.mp4", None),
        ("proxy/zzzzzzzz-0000-7000-8000-000000000001/a", None),
    ],
)
def test_an_object_s_file_is_in_its_key(key: str, owner: UUID | None) -> None:
    assert owner_of(key) == owner


def test_recipes_of_today_are_not_outdated() -> None:
    today = [(Kind.VIDEO, "proxy", recipes.recipe(Kind.VIDEO, "proxy", encoder)) for encoder in Encoder] + [
        (Kind.IMAGE, "image", recipes.recipe(Kind.IMAGE, "image"))
    ]
    old = [(Kind.VIDEO, "proxy", ""), (Kind.IMAGE, "hologram", "v9")]
    assert outdated([*today, *old]) == old


def test_every_difference_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Change)
