import pytest

from services.nova.answering.people import role

NAMES = frozenset({"smith", "jones"})


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("installer", "installer"),
        ("Installer", "installer"),
        ("Pool Builder", "pool builder"),
        ("man in a blue shirt", "man in a blue shirt"),
        ("HVAC technician", "hvac technician"),
        ("Woman and Child", "woman and child"),
        ("Narrator", "narrator"),
        ("mountaineer", "mountaineer"),
    ],
)
def test_roles_are_told_in_lower_case(told: str, kept: str | None) -> None:
    assert role(told, NAMES) == kept


@pytest.mark.parametrize(
    "told",
    [
        "John",
        "John Smith",
        "installer John",
        "Mr. Miller",
        "mrs miller",
        "dr. ahmed",
        "SMYTHE",
        "KARL MAY",
        "the Smith family",
        "smith",
        "jones family",
        "",
    ],
)
def test_names_are_no_roles(told: str) -> None:
    assert role(told, NAMES) is None
