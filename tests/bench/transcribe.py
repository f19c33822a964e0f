"""`./spillway bench transcribe`: our engine beside faster-whisper's batched pipeline called by hand, on the same sound.

Same model, same settings, each in a process of its own with the model loaded and warm. By hand the file is decoded whole; ours
goes window by window, splits into sentences, and marks what is doubtful.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path

from cli.demo.command import SAMPLES
from cli.local.settings import PROJECT_ROOT
from tests.bench.command import carried_out
from tests.bench.conditions import conditions
from tests.bench.listen import BY_HAND, ONE_WINDOW, OURS, SIDES, UNBATCHED, Task
from tests.bench.report import Comparison, Limit, Report, Section, compare, figures_of
from tests.bench.rounds import Figures, Measured, Side, interleave, ratio
from tests.bench.tally import Unequal
from tests.bench.task import MeasurementFailed
from tests.support.speech import TWO_SENTENCES, narration

COST = 1.05
"""Most time that ours may take, in that of the pipeline called by hand."""
SAME = 0.95
"""Least part of the words that must be the same where windows are cut: chunks shift there, and a small model hears them so."""
AS_THE_SERVICE = {"OMP_WAIT_POLICY": "PASSIVE"}
"""For every side, as the service sets it: else a side spins or not, by which threads it happens to have."""
PACKAGES = ("faster-whisper", "ctranslate2", "av")


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rounds: int = 5
    seconds: int = 600


@dataclass(frozen=True)
class Bench:
    """A run under way: the sound, and the words that each side heard in it."""

    audio: Path
    words: dict[str, list[str]] = field(default_factory=dict)

    def measure(self, side: str, number: int) -> Figures:
        """One measurement of a side; raises Unequal if it hears other words than in an earlier round."""
        task = Task(side, str(self.audio), str(TWO_SENTENCES))
        ran = subprocess.run(
            [sys.executable, "-m", "tests.bench.listen"],
            input=json.dumps(asdict(task)).encode(),
            capture_output=True,
            cwd=PROJECT_ROOT,
            env={**os.environ, **AS_THE_SERVICE},
            check=False,
        )
        if ran.returncode:
            raise MeasurementFailed(f"{side} could not be measured:\n{ran.stderr.decode(errors='replace')[-2000:]}")
        found = json.loads(ran.stdout)
        words = found.pop("words")
        if self.words.setdefault(side, words) != words:
            raise Unequal(f"{side} heard other words in round {number + 1} than before.")
        return {**found, "words": float(len(words))}


def run(size: Size, report: Callable[[str], None]) -> Report:
    """Measure every side on the same speech; `report` receives a line after each measurement."""
    with tempfile.TemporaryDirectory(prefix="spillway-bench-", ignore_cleanup_errors=True) as folder:
        bench = Bench(narration(SAMPLES, Path(folder) / "speech.flac", seconds=size.seconds))
        sides = [Side(name, partial(bench.measure, name)) for name in SIDES]
        measured = interleave(sides, size.rounds, report)
    require_same(bench.words)
    return Report("transcribe", {**vars(size), **conditions(PACKAGES)}, [times(measured, bench.words), memory(measured)])


def require_same(words: dict[str, list[str]]) -> None:
    """Raise Unequal unless ours hears the very words of the pipeline where nothing is cut, and nearly so where it is."""
    if words[ONE_WINDOW] != words[BY_HAND]:
        raise Unequal("Without a cut, ours and the pipeline by hand heard different words.")
    if agreement(words[OURS], words[BY_HAND]) < SAME:
        raise Unequal(f"Only {agreement(words[OURS], words[BY_HAND]):.1%} of the words are those of the pipeline by hand.")


def agreement(words: Sequence[str], others: Sequence[str]) -> float:
    """The part of two texts that is the same, in the same order: 0 to 1."""
    return SequenceMatcher(None, words, others, autojunk=False).ratio()


def times(measured: Measured, words: dict[str, list[str]]) -> Section:
    """Seconds of each side, and ours beside the others."""
    comparisons = [
        compare(measured, "seconds", OURS, BY_HAND, COST, Limit.AT_MOST),
        compare(measured, "seconds", ONE_WINDOW, BY_HAND, None, Limit.AT_MOST),
        Comparison(f"processor time: {OURS} / {BY_HAND}", ratio(measured, OURS, BY_HAND, "cpu")),
        compare(measured, "seconds", UNBATCHED, OURS, None, Limit.AT_LEAST),
    ]
    notes = [
        f"{len(words[OURS])} words; {agreement(words[OURS], words[BY_HAND]):.1%} are those by hand, in one window all are",
        f"unbatched hears {agreement(words[UNBATCHED], words[BY_HAND]):.1%} of them so",
    ]
    return Section("From the FLAC to the segments", "seconds", figures_of(measured, "seconds", list(SIDES)), comparisons, notes)


def memory(measured: Measured) -> Section:
    """Most memory of each side's process."""
    comparisons = [compare(measured, "memory", OURS, BY_HAND, None, Limit.AT_MOST)]
    return Section("Most memory", "MB", figures_of(measured, "memory", list(SIDES)), comparisons)


def main(argv: Sequence[str]) -> int:
    """Run from the command line; 0 when every bar is met."""
    return carried_out("transcribe", __doc__, Size, run, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
