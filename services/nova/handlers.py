"""What the nova service does: analyses files, and makes their moments findable."""

from dataclasses import dataclass

from services.nova import repository
from services.nova.analyst import Analyst
from services.nova.moments import moments
from shared import stages
from shared.contracts import (
    EmbeddingsReady,
    EmbeddingsRequested,
    FileMoved,
    NovaCompleted,
    NovaFailed,
    NovaRequested,
    Stage,
    StageState,
    TranscriptEdited,
    TranscriptFailed,
    TranscriptReady,
    TranscriptSkipped,
)
from shared.database import Database
from shared.effects import Effects
from shared.embedder import Embedder


@dataclass(frozen=True)
class Resources:
    """What the handlers work with."""

    database: Database
    effects: Effects
    analyst: Analyst
    embedder: Embedder


async def on_analysis_wanted(
    event: TranscriptReady | TranscriptSkipped | TranscriptFailed | NovaRequested, resources: Resources
) -> None:
    """Analyse the file with what there is."""
    async with resources.database.connection() as connection:
        material = await repository.load_material(connection, event, Stage.ANALYSE)
    analysis = await resources.analyst.analyse(material)
    async with resources.effects.once(event) as effect:
        await stages.settle(effect.connection, event, Stage.ANALYSE, StageState.DONE)
        done = NovaCompleted(
            file_id=event.file_id,
            revision=event.revision,
            kind=event.kind,
            run_id=event.run_id,
            analysis_id=await repository.save_analysis(effect.connection, event, analysis),
            model=analysis.model,
            analyst_version=analysis.version,
        )
        await effect.emit(done)


async def on_moments_wanted(
    event: NovaCompleted | NovaFailed | FileMoved | TranscriptEdited | EmbeddingsRequested, resources: Resources
) -> None:
    """Make the file's moments findable by word and by meaning; those that stay as they are keep their vectors."""
    embedder = resources.embedder
    async with resources.database.connection() as connection:
        material = await repository.load_material(connection, event, Stage.EMBED)
        analysis = await repository.load_analysis(connection, event)
        known = await repository.load_vectors(connection, event, embedder.model)
    found = moments(material, analysis)
    fresh = [text for text in dict.fromkeys(moment.text for moment in found) if text not in known]
    vectors = known | {
        text: repository.halfvec(vector) for text, vector in zip(fresh, await embedder.embed(fresh), strict=True)
    }
    async with resources.effects.once(event) as effect:
        await stages.settle(effect.connection, event, Stage.EMBED, StageState.DONE)
        await repository.save_moments(effect.connection, event, found, vectors, embedder.model)
        done = EmbeddingsReady(
            file_id=event.file_id,
            revision=event.revision,
            kind=event.kind,
            run_id=event.run_id,
            model=embedder.model,
            moments=len(found),
        )
        await effect.emit(done)
