"""What claims say of a person."""

import pytest

from services.search.identity.oidc.claims import groups_of, is_thin, profile_of, role_of
from services.search.identity.roles import Role

ROLES = {Role.VIEWER: ("staff", "all"), Role.EDITOR: ("cutters",), Role.ADMIN: ("chiefs",)}


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ({"staff"}, Role.VIEWER),
        ({"staff", "cutters"}, Role.EDITOR),
        ({"chiefs", "staff"}, Role.ADMIN),
        ({"Chiefs", "chief"}, None),
        (set(), None),
    ],
)
def test_the_greatest_role_of_all_groups_is_given(groups: set[str], role: Role | None) -> None:
    assert role_of(frozenset(groups), ROLES, None) is role


def test_who_is_in_no_group_gets_what_is_set_for_them() -> None:
    assert role_of(frozenset({"guests"}), ROLES, Role.VIEWER) is Role.VIEWER
    assert role_of(frozenset({"cutters"}), ROLES, Role.VIEWER) is Role.EDITOR


@pytest.mark.parametrize(
    ("claims", "claim", "groups"),
    [
        ({"groups": ["a", "b"]}, "groups", {"a", "b"}),
        ({"groups": "a"}, "groups", {"a"}),
        ({"groups": ["a", 1, None, ["b"]]}, "groups", {"a"}),
        ({"groups": []}, "groups", set()),
        ({"realm_access": {"roles": ["a"]}}, "realm_access.roles", {"a"}),
        ({"https://x.example/groups": ["a"]}, "https://x.example/groups", {"a"}),
        ({}, "groups", None),
        ({"groups": None}, "groups", None),
        ({"groups": {"a": True}}, "groups", None),
        ({"realm_access": ["a"]}, "realm_access.roles", None),
        ({"_claim_names": {"groups": "src1"}}, "groups", None),
    ],
)
def test_groups_are_read_as_providers_write_them(claims: dict[str, object], claim: str, groups: set[str] | None) -> None:
    assert groups_of(claims, claim) == groups


FULL = {"sub": "1", "preferred_username": "ada", "email": "a@x.example", "name": "Ada", "groups": []}


def test_only_a_token_that_leaves_something_out_is_thin() -> None:
    assert not is_thin(FULL, "groups")
    for name in ("preferred_username", "email", "name", "groups"):
        assert is_thin({key: value for key, value in FULL.items() if key != name}, "groups")


def test_what_the_token_says_goes_before_what_is_told_later() -> None:
    told = profile_of(
        {"sub": "1", "name": "Ada", "email": None, "groups": ["staff"]},
        {"sub": "1", "name": "Eve", "email": "a@x.example", "groups": ["chiefs"]},
        "groups",
    )
    assert (told.display_name, told.email) == ("Ada", "a@x.example")
    assert told.groups == {"staff"}


def test_groups_inside_another_claim_are_found_in_either() -> None:
    token = {"sub": "1", "realm_access": {"other": 1}}
    assert profile_of(token, {"realm_access": {"roles": ["staff"]}}, "realm_access.roles").groups == {"staff"}


def test_texts_are_as_they_can_be_shown_and_kept() -> None:
    told = profile_of(
        {"sub": "1", "name": "  A\x00d\u202ea \n L " + "x" * 300, "email": 7, "preferred_username": "\u200b", "groups": []},
        {},
        "groups",
    )
    assert told.display_name is not None
    assert told.display_name.startswith("A d a L xx")
    assert len(told.display_name) == 200
    assert told.email is None
    assert told.username is None
