"""What the nova service does with files: it analyses them; `embedding` makes them findable."""

from dataclasses import dataclass
from functools import partial

from services.nova import repository, runs
from services.nova.analyst import Analysis, Analyst, Errand, Material
from services.nova.errands import errand_of, run_id_of
from services.nova.runs import Shown
from shared import stages
from shared.analyses import LOCAL
from shared.askers import asker_of
from shared.contracts import (
    Event,
    FileEvent,
    NovaCompleted,
    NovaRequested,
    Stage,
    StageState,
    TranscriptFailed,
    TranscriptReady,
    TranscriptSkipped,
)
from shared.database import Connection, Database
from shared.effects import Effect, Effects
from shared.working import Report, carried_out

AnalysisWanted = TranscriptReady | TranscriptSkipped | TranscriptFailed | NovaRequested


@dataclass(frozen=True)
class Resources:
    """What the handlers work with; `usual_model` is asked unless a request names another."""

    database: Database
    effects: Effects
    analyst: Analyst
    usual_model: str = LOCAL


async def on_analysis_wanted(event: AnalysisWanted, resources: Resources) -> None:
    """Analyse the file with what there is."""
    database = resources.database
    async with database.connection() as connection:
        material = await repository.load_material(connection, event, Stage.ANALYSE)
        errand = errand_of(event, resources.usual_model, await asker_of(connection, event))
    async with runs.under_way(database, event, errand):
        work = partial(look, material, errand, resources)
        found = await carried_out(database, event, Stage.ANALYSE, work)
    async with resources.effects.once(event) as effect:
        await conclude(effect, event, errand, found)


async def look(material: Material, errand: Errand, resources: Resources, report: Report) -> Analysis:
    """What an analyst finds out, while people see how far it is."""
    return await resources.analyst.analyse(material, errand, Shown(resources.database, errand.run_id, report))


async def conclude(effect: Effect, event: AnalysisWanted, errand: Errand, found: Analysis) -> None:
    """Keep what was found, and say so."""
    await stages.settle(effect.connection, event, Stage.ANALYSE, StageState.DONE)
    called = next((made.model_id for made in found.made.values()), None)
    await runs.finish(effect.connection, event, errand, called)
    done = NovaCompleted(
        file_id=event.file_id,
        revision=event.revision,
        kind=event.kind,
        run_id=event.run_id,
        analysis_id=await repository.save_analysis(effect.connection, event, found, errand.run_id),
        model=found.model,
        analyst_version=found.version,
    )
    await effect.emit(done)


async def on_analysis_given_up(connection: Connection, event: Event, reason: str) -> None:
    """Note at the run why there is no analysis."""
    if isinstance(event, FileEvent):
        await runs.end(connection, run_id_of(event), "failed", reason)
