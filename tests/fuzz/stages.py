"""Mutants through the real stages: inspected by the inspectors, and what they take in rendered by ffmpeg and image workers."""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from uuid import uuid4

from services.ingest.inspection.inspector import CRASHED, STALLED
from services.ingest.inspection.pool import PORTION, Pool
from services.ingest.outcome import Candidate, Inspected, Outcome, Rejected
from services.proxy.image_worker import DecoderDied
from services.proxy.renderer import Renderer
from services.proxy.renditions import Source
from shared.errors import BadMedia, SpillwayError
from shared.media_faults import Killed, Stalled
from shared.workspace import workspace
from tests.fuzz.making import Mutant

SIDE_BY_SIDE = 2
SENTENCE = re.compile(r"([A-Z]|ffmpeg).*\.", re.DOTALL)
OUR_FAULT = re.compile(r"unexpected|Traceback|[a-z]Error|Exception|0x[0-9a-f]{6}")
CRASH = "crashed or stalled an inspector"
ISOLATED = (DecoderDied, Killed, Stalled)
"""What took the process down that looked at a file, which is what that process is for."""


@dataclass
class Tally:
    """What became of a container's mutants, with the seeds by reason; `faults` are those that nobody foresaw."""

    fates: Counter[str] = field(default_factory=Counter)
    reasons: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    faults: list[str] = field(default_factory=list)

    def note(self, mutant: Mutant, fate: str, reason: str | None = None) -> None:
        """One mutant's fate; a reason that is no sentence for people is a fault."""
        self.fates[fate] += 1
        if reason is None:
            return
        self.reasons[f"{fate}: {re.sub(r'[0-9]+', 'N', reason)}"].append(mutant.seed)
        if not is_for_people(reason):
            self.faults.append(f"seed {mutant.seed} ({mutant.path.name}): {reason}")

    @property
    def crashes(self) -> int:
        """How many mutants ended the process that inspected them."""
        return self.fates[CRASH]


def is_for_people(reason: str | None) -> bool:
    """Whether a reason is a sentence that somebody wrote for people, and no error of a program's."""
    return reason is not None and bool(SENTENCE.fullmatch(reason)) and not OUR_FAULT.search(reason)


class Stages:
    """The stages that look into files, as their services run them."""

    def __init__(self, pool: Pool, renderer: Renderer) -> None:
        self._pool = pool
        self._renderer = renderer
        self._turns = asyncio.Semaphore(SIDE_BY_SIDE)

    async def put_through(self, mutants: Sequence[Mutant], tally: Tally) -> None:
        """Every mutant, as far as it gets."""
        outcomes = await self._inspected(mutants)
        assert sorted(outcomes) == sorted(bytes(mutant.path) for mutant in mutants), "each file has one outcome"
        await asyncio.gather(*(self._put_on(mutant, outcomes[bytes(mutant.path)], tally) for mutant in mutants))

    async def _inspected(self, mutants: Sequence[Mutant]) -> dict[bytes, Outcome]:
        async def portions() -> AsyncIterator[list[Candidate]]:
            for start in range(0, len(mutants), PORTION):
                yield [Candidate(bytes(mutant.path)) for mutant in mutants[start : start + PORTION]]

        async with aclosing(self._pool.inspect(portions())) as batches:
            return {outcome.path_raw: outcome async for batch in batches for outcome in batch}

    async def _put_on(self, mutant: Mutant, outcome: Outcome, tally: Tally) -> None:
        if isinstance(outcome, Rejected):
            is_crash = outcome.reason == CRASHED or outcome.reason.startswith(STALLED.partition("{")[0])
            tally.note(mutant, CRASH if is_crash else f"not taken in, {outcome.state}", outcome.reason)
        else:
            async with self._turns:
                await self._render(mutant, source_of(mutant, outcome), tally)

    async def _render(self, mutant: Mutant, source: Source, tally: Tally) -> None:
        try:
            with workspace() as folder:
                made = await self._renderer.render(source, folder, lambda done, total: None)
                assert all(rendition.path.stat().st_size == rendition.bytes > 0 for rendition in made.renditions)
        except BadMedia as error:
            tally.note(mutant, "not rendered", str(error))
        except ISOLATED as error:
            tally.note(mutant, f"rendering died ({type(error).__name__})", str(error))
        except SpillwayError as error:
            tally.faults.append(f"seed {mutant.seed} ({mutant.path.name}): {type(error).__name__}: {error}")
        except Exception as error:
            tally.faults.append(f"seed {mutant.seed} ({mutant.path.name}): {error!r}")
        else:
            tally.note(mutant, "rendered with a remark" if made.reason else "rendered", made.reason)


def source_of(mutant: Mutant, outcome: Inspected) -> Source:
    """A file as the library hands it to the proxy service."""
    description = outcome.description
    return Source(
        uuid4(),
        1,
        description.kind,
        mutant.path,
        outcome.size,
        outcome.modified_ns,
        description.duration,
        description.has_audio,
    )
