"""Identifiers sort by age, say their version, and are the same wherever they are derived."""

import time
from uuid import RFC_4122, UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identifiers import derived_id, new_id


def at(milliseconds: int, monkeypatch: pytest.MonkeyPatch) -> UUID:
    monkeypatch.setattr(time, "time_ns", lambda: milliseconds * 1_000_000)
    return new_id()


def test_a_new_id_is_a_uuid_of_version_7() -> None:
    for _ in range(64):
        made = new_id()
        assert made.version == 7
        assert made.variant == RFC_4122


def test_a_new_id_carries_the_time_in_its_first_48_bits() -> None:
    before = time.time_ns() // 1_000_000
    made = new_id()
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_ids_sort_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = [1, 2, 255, 256, 1_763_000_000_000, (1 << 48) - 1]
    made = [at(moment, monkeypatch) for moment in moments]
    assert made == sorted(made)
    assert sorted(map(str, made)) == [str(one) for one in made]


def test_ids_of_one_millisecond_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len({at(1_763_000_000_000, monkeypatch) for _ in range(1000)}) == 1000


def test_every_bit_but_version_and_variant_of_the_rest_is_random() -> None:
    rests = [new_id().int & (1 << 80) - 1 for _ in range(256)]
    fixed = 0xF << 76 | 0x3 << 62
    ever_set, always_set = 0, (1 << 80) - 1
    for rest in rests:
        ever_set |= rest
        always_set &= rest
    assert ever_set == (1 << 80) - 1 & ~fixed | 0x7 << 76 | 0x2 << 62
    assert always_set == 0x7 << 76 | 0x2 << 62


def test_a_derived_id_never_changes() -> None:
    file_id = UUID("019a9f00-0000-7000-8000-000000000002")
    assert derived_id("file.ingested", 1, file_id, 2) == UUID("dadc935f-f3a0-5fe7-b316-9921b30d528e")


@given(st.lists(st.text(alphabet="ab1.", min_size=1), min_size=1, max_size=4))
def test_a_derived_id_depends_on_every_part_and_on_where_parts_end(parts: list[str]) -> None:
    assert derived_id(*parts) == derived_id(*parts)
    assert derived_id(*parts) != derived_id(*parts, "more")
    assert derived_id(*parts, "ab") != derived_id(*parts, "a", "b")
    assert derived_id(*parts, uuid4()) != derived_id(*parts, uuid4())
