"""The stages' own work, file by file in one process: the adapters that the services use, without bus and database.

A process of its own: folders to warm up on and to time on stdin, seconds per stage and what came out on stdout.
"""

import asyncio
import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from services.ingest.inspection.looking import inspect
from services.ingest.outcome import Candidate, Inspected
from services.ingest.settings import IngestSettings
from services.nova.analyst import Material, Segment
from services.nova.local.analyst import analyse
from services.nova.moments import moments
from services.nova.names import from_import
from services.proxy.handlers import store
from services.proxy.image_worker import ImageWorkshop
from services.proxy.renderer import Renderer
from services.proxy.renditions import Rendered, Source
from services.proxy.settings import ProxySettings
from services.transcribe.settings import WhisperSettings
from services.transcribe.transcript import Transcriber, Transcript
from services.transcribe.whisper import Whisper
from shared.blobs import Blobs
from shared.contracts import Stage
from shared.embedder import Embedder, EmbedderSettings
from shared.identifiers import new_id
from shared.minilm import MiniLM
from shared.observability import configure
from shared.platform import run_async
from shared.settings import PlatformSettings
from shared.workspace import workspace
from tests.bench.tally import Unequal


@dataclass(frozen=True)
class Work:
    """What was done: seconds per stage, and how many of what."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    made: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def timed(self, stage: Stage) -> Iterator[None]:
        """Count the block's time for a stage."""
        began = time.perf_counter()
        yield
        self.seconds[stage] += time.perf_counter() - began


@dataclass(frozen=True)
class Adapters:
    """Every outside tool of the pipeline."""

    renderer: Renderer
    blobs: Blobs
    transcriber: Transcriber
    embedder: Embedder

    async def work_on(self, path: Path, work: Work) -> None:
        """One file through all stages."""
        with work.timed(Stage.INGEST):
            outcome = inspect(Candidate(os.fsencode(path)), IngestSettings().limits, lambda: None)
        if not isinstance(outcome, Inspected):
            raise Unequal(f"{path.name} was not taken: {outcome}")
        source = source_of(path, outcome)
        with workspace() as folder:
            with work.timed(Stage.PROXY):
                rendered = await self.renderer.render(source, folder, lambda done, total: None)
                keys = await store(self.blobs, source, rendered)
            transcript = None
            with work.timed(Stage.TRANSCRIBE):
                if "audio" in keys:
                    speech = folder / "fetched.flac"
                    await self.blobs.get_file(keys["audio"], speech)
                    transcript = await self.transcriber.transcribe(speech)
        await self._understand(material_of(source, outcome, rendered, transcript), work)
        work.made.update({"files": 1, "renditions": len(keys), "transcripts": transcript is not None})

    async def _understand(self, material: Material, work: Work) -> None:
        with work.timed(Stage.ANALYSE):
            analysis = await asyncio.to_thread(analyse, material)
        with work.timed(Stage.EMBED):
            found = moments(material, analysis)
            await self.embedder.embed([moment.text for moment in found])
        work.made["moments"] += len(found)


def source_of(path: Path, outcome: Inspected) -> Source:
    """What the proxy stage would read from the library."""
    told = outcome.description
    return Source(new_id(), 1, told.kind, path, outcome.size, outcome.modified_ns, told.duration, told.has_audio)


def material_of(source: Source, outcome: Inspected, rendered: Rendered, transcript: Transcript | None) -> Material:
    """What the analyst would read from the library."""
    told = outcome.description
    gps = None if told.latitude is None or told.longitude is None else (told.latitude, told.longitude)
    segments = transcript.segments if transcript else ()
    return Material(
        file_id=source.file_id,
        kind=source.kind,
        path=from_import(str(source.path), str(source.path.parent)),
        duration=told.duration,
        segments=tuple(Segment(start=said.start, end=said.end, text=said.text) for said in segments),
        shots=rendered.cuts or (),
        exif=told.metadata,
        captured_at=told.captured_at,
        gps=gps,
        camera=told.camera,
    )


async def measure(warm_up: Path, folder: Path) -> Work:
    """The work of a folder, after that of another that loads models and starts workers."""
    proxy = ProxySettings()
    async with ImageWorkshop(proxy) as workshop:
        adapters = Adapters(
            renderer=Renderer(workshop, limits=proxy.media_limits, pixels=proxy.image_pixels),
            blobs=Blobs(PlatformSettings()),
            transcriber=Whisper(WhisperSettings()),
            embedder=MiniLM(threads=EmbedderSettings().embedder_threads),
        )
        work = Work()
        for path in await asyncio.to_thread(lambda: sorted(warm_up.iterdir())):
            await adapters.work_on(path, Work())
        for path in await asyncio.to_thread(lambda: sorted(folder.iterdir())):
            await adapters.work_on(path, work)
    return work


def main() -> None:
    """Measure what stdin asks for."""
    task = json.load(sys.stdin)
    configure("bench", level="WARNING", style="console")
    work = run_async(measure(Path(task["warm_up"]), Path(task["folder"])))
    json.dump({"seconds": work.seconds, "made": work.made}, sys.stdout)


if __name__ == "__main__":
    main()
