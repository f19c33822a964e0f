"""Damage is the same for the same seed, and is damage."""

import random
import zlib

import pytest

from tests.fuzz.mutations import MUTATIONS, PNG, Mutation, mutant, restore_checksums

CONTENT = bytes(range(256)) * 16


def test_a_seed_makes_the_same_mutant_each_time() -> None:
    assert mutant(CONTENT, b"donor" * 20, 7) == mutant(CONTENT, b"donor" * 20, 7)
    assert len({mutant(CONTENT, b"donor" * 20, seed) for seed in range(100)}) > 90


@pytest.mark.parametrize("mutation", dict.fromkeys(MUTATIONS), ids=lambda mutation: mutation.__name__)
def test_each_mutation_damages_and_survives_nothing_and_next_to_nothing(mutation: Mutation) -> None:
    changed = 0
    for seed in range(30):
        damaged = bytearray(CONTENT)
        mutation(damaged, random.Random(seed))
        changed += damaged != CONTENT
        for little in (bytearray(), bytearray(b"x")):
            mutation(little, random.Random(seed))
    assert changed > 20


def test_a_png_with_restored_checksums_is_whole_again() -> None:
    chunk = len(b"data").to_bytes(4, "big") + b"IDAT" + b"data"
    content = bytearray(PNG + chunk + zlib.crc32(chunk[4:]).to_bytes(4, "big"))
    whole = bytes(content)
    content[-2] ^= 1
    restore_checksums(content)
    assert bytes(content) == whole
