"""What counts as a fault of ours."""

from pathlib import Path

import pytest

from tests.fuzz.making import Mutant
from tests.fuzz.stages import CRASH, Tally, is_for_people


@pytest.mark.parametrize(
    ("reason", "for_people"),
    [
        ("The photo is cut short: its end is missing. Copy it again from where it came.", True),
        ("ffmpeg crashed on this file: it is damaged. Check that it plays.", True),
        ("It is damaged (Input/output error). Copy it again.", True),
        ("Something unexpected went wrong (KeyError: 3).", False),
        ("The file could not be read: struct.error.", True),
        ("ValueError: no such thing.", False),
        ("The file could not be converted ([aac @ 0x55db66050480] Invalid argument).", False),
        ("broken", False),
        (None, False),
    ],
)
def test_people_are_told_in_sentences(reason: str | None, for_people: bool) -> None:
    assert is_for_people(reason) is for_people


def test_a_reason_that_is_no_sentence_is_a_fault_with_its_seed() -> None:
    tally = Tally()
    tally.note(Mutant(Path("7.mp4"), 7), "not rendered", "KeyError: 'duration'")
    assert "seed 7 (7.mp4)" in tally.faults[0]
    tally.note(Mutant(Path("8.mp4"), 8), CRASH, "It crashed.")
    assert tally.crashes == 1
