"""An engine that the user brings, and what people are told if it is none."""

from pathlib import Path

import pytest

from services.transcribe.diarizer import DiarizationFailed, load
from services.transcribe.speakers import Turn
from shared.errors import Invalid
from tests.support.speech import TWO_SENTENCES

HOW = r"Set SPILLWAY_TRANSCRIBE_DIARIZER to `off`, or to `module:factory`"


def test_off_is_nobody() -> None:
    assert load("off") is None


def test_an_engine_is_found_by_module_and_factory() -> None:
    engine = load("tests.support.diarizing:HalfAndHalf")
    assert engine is not None
    assert engine.name == "tests.support.diarizing:HalfAndHalf"
    assert engine.turns(TWO_SENTENCES) == (Turn(0.0, 2.9, "Anna"), Turn(2.9, 100.0, "Ben"))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("pyannote", "names no engine"),
        (":make", "names no engine"),
        ("no.such.module:make", "No module named"),
        ("tests.support.diarizing:Nobody", "has no attribute"),
        ("tests.support.diarizing:unmakeable", "the weights are missing"),
        ("pathlib:Path", "has no method `turns`"),
    ],
)
def test_what_is_no_engine_says_why_and_what_to_do(setting: str, said: str) -> None:
    with pytest.raises(Invalid, match=rf"{said}.*{HOW}"):
        load(setting)


def test_an_engine_that_fails_says_so(tmp_path: Path) -> None:
    engine = load("tests.support.diarizing:Broken")
    assert engine is not None
    with pytest.raises(DiarizationFailed, match=r"could not be told apart: out of memory.*SPILLWAY_TRANSCRIBE_DIARIZER=off"):
        engine.turns(tmp_path)
