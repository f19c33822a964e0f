"""Makes files findable: their moments by word, and by what each embedder in use makes of them."""

from dataclasses import dataclass
from functools import partial

from services.nova import repository
from services.nova.embedding import repository as embedding_repository
from services.nova.embedding.making import Maker
from services.nova.embedding.switching import Switch
from services.nova.embedding.vectors import Made
from services.nova.moments import moments
from shared import stages
from shared.contracts import (
    EmbeddingsFailed,
    EmbeddingsReady,
    EmbeddingsRequested,
    FileMoved,
    NovaCompleted,
    NovaFailed,
    Stage,
    StageState,
    TranscriptEdited,
)
from shared.database import Database
from shared.effects import Effect, Effects
from shared.working import carried_out

MomentsWanted = NovaCompleted | NovaFailed | FileMoved | TranscriptEdited | EmbeddingsRequested


@dataclass(frozen=True)
class Embedding:
    """What the handler works with."""

    database: Database
    effects: Effects
    maker: Maker
    switch: Switch


async def on_moments_wanted(event: MomentsWanted, embedding: Embedding) -> None:
    """Make the file's moments findable by word and by meaning; those that stay as they are keep their vectors."""
    async with embedding.database.connection() as connection:
        material = await repository.load_material(connection, event, Stage.EMBED)
        analysis = await repository.load_analysis(connection, event)
    work = partial(embedding.maker.made, event, moments(material, analysis))
    made = await carried_out(embedding.database, event, Stage.EMBED, work)
    async with embedding.effects.once(event) as effect:
        await conclude(effect, event, made)
    await embedding.maker.tidy(made)
    embedding.switch.embedded()


async def conclude(effect: Effect, event: MomentsWanted, made: Made) -> None:
    """Store what there is, and say so; where an embedder refused, the file is found by the rest and the stage has failed."""
    state = StageState.FAILED if made.refused else StageState.DONE
    await stages.settle(effect.connection, event, Stage.EMBED, state, made.refused)
    serving = await embedding_repository.save(effect.connection, event, made)
    about = {"file_id": event.file_id, "revision": event.revision, "kind": event.kind, "run_id": event.run_id}
    if made.refused:
        await effect.emit(EmbeddingsFailed.model_validate({**about, "reason": made.refused}))
    else:
        told = {**about, "model": serving, "moments": len(made.moments)}
        await effect.emit(EmbeddingsReady.model_validate(told))
