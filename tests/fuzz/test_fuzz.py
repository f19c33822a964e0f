"""Mutated files of every container through the real stages: each has an end with a sentence, and nothing dies of it.

`--fuzz-rounds 2000 -s` puts so many of each through and says what became of them.
"""

import time
from pathlib import Path

import pytest

from tests.fuzz.leftovers import inspectors, leftovers
from tests.fuzz.making import Whole, batches
from tests.fuzz.specimens import CONTAINERS
from tests.fuzz.stages import Stages, Tally

pytestmark = pytest.mark.timeout(0)  # as many as are asked for

EXAMPLES = 4


@pytest.mark.parametrize("container", CONTAINERS)
async def test_mutants_end_with_a_sentence(container: str, whole: Whole, stages: Stages, seeds: range, tmp_path: Path) -> None:
    tally, began, readers = Tally(), time.monotonic(), inspectors()
    for batch in batches(container, whole, seeds, tmp_path / "mutants"):
        await stages.put_through(batch, tally)
    tell(container, tally, time.monotonic() - began)
    assert tally.faults == []
    assert sum(tally.fates.values()) == len(seeds)
    assert tally.crashes or inspectors() == readers
    assert await leftovers() == []


def tell(container: str, tally: Tally, seconds: float) -> None:
    """What became of a container's mutants; shown with `-s`, or when the test fails."""
    print(f"\n{container}: {sum(tally.fates.values())} mutants in {seconds:.0f} s: {dict(tally.fates.most_common())}")
    for reason, seeds in sorted(tally.reasons.items(), key=lambda entry: -len(entry[1])):
        print(f"  {len(seeds):5} {reason} (seeds {', '.join(map(str, seeds[:EXAMPLES]))})")
    for fault in tally.faults:
        print(f"  FAULT {fault}")
