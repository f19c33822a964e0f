"""Mutants on the disk."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.mutations import mutant
from tests.fuzz.specimens import CONTAINERS

AT_ONCE = 32
"""Mutants that are on the disk at a time."""

Whole = Mapping[str, Sequence[bytes]]


@dataclass(frozen=True)
class Mutant:
    """A damaged file, and the seed that makes it again."""

    path: Path
    seed: int


def make(container: str, whole: Whole, seed: int, folder: Path) -> Mutant:
    """The mutant of a seed, from one of the whole files of its container."""
    chance = random.Random(seed)
    content, donor = chance.choice(whole[container]), chance.choice(whole[chance.choice(CONTAINERS)])
    path = folder / f"{seed}.{container}"
    path.write_bytes(mutant(content, donor, seed) or b"\0")
    return Mutant(path, seed)


def batches(container: str, whole: Whole, seeds: range, folder: Path) -> Iterator[list[Mutant]]:
    """Mutants by the folder-full; each batch is gone when the next is made."""
    folder.mkdir()
    for start in range(seeds.start, seeds.stop, AT_ONCE):
        made = [make(container, whole, seed, folder) for seed in seeds if start <= seed < start + AT_ONCE]
        yield made
        for one in made:
            one.path.unlink()
