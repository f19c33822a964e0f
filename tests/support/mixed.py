"""A library with files in every state."""

from services.nova.embedding.handlers import Embedding, on_moments_wanted
from shared import stages
from shared.contracts import Kind, NovaCompleted, NovaFailed, Stage, TranscriptEdited
from shared.database import Database
from shared.identifiers import new_id
from tests.support.embedding import analysed, wanted_again
from tests.support.footage import add_footage

POND = "/films/Smith/pond_build.mp4"


async def edited(database: Database, event: NovaCompleted, text: str) -> TranscriptEdited:
    """Somebody puts the file's first sentence right; answers with the event that says so."""
    run = new_id()
    async with database.transaction() as connection:
        await connection.execute(
            "UPDATE transcript_segments SET text = %s, locked = true WHERE transcript_id = %s AND position = 0",
            (text, event.file_id),
        )
        await stages.reopen(connection, Stage.EMBED, [event.file_id], run)
    about = {"file_id": event.file_id, "revision": event.revision, "kind": event.kind, "run_id": run}
    return TranscriptEdited.model_validate({**about, "transcript_id": event.file_id})


async def add_mixed_library(database: Database, embedding: Embedding) -> dict[str, NovaCompleted]:
    """Files in every state that a library knows, each found by what it has."""
    films = {
        "plain": await analysed(database, "Today we dig the pond.", "The pump goes in.", path=POND, camera="Sony A7"),
        "edited": await analysed(database, "The pomp goes in.", "It is loud.", path="/films/Smith/pump.mp4"),
        "photo": await analysed(database, path="/films/photos/falls.jpg", kind=Kind.IMAGE, camera="Nikon Z6"),
        "untold": await analysed(database, "Nobody analysed this.", path="/films/untold.mp4"),
        "missing": await analysed(database, "This one was moved away.", path="/films/away.mp4"),
        "deleted": await analysed(database, "This one is deleted.", path="/films/deleted.mp4"),
        "replaced": await analysed(database, "What was here before.", path="/films/replaced.mp4"),
        "again": await analysed(database, "Somebody asked for this again.", path="/films/again.mp4"),
    }
    for name, film in films.items():
        if name == "untold":
            async with database.transaction() as connection:
                await connection.execute("DELETE FROM analyses WHERE file_id = %s", (film.file_id,))
                await connection.execute("DELETE FROM file_facts WHERE file_id = %s", (film.file_id,))
            failed = NovaFailed(file_id=film.file_id, revision=1, kind=film.kind, reason="It failed.")
            await on_moments_wanted(failed, embedding)
        else:
            await on_moments_wanted(film, embedding)
    await on_moments_wanted(await edited(database, films["edited"], "The pump goes in here."), embedding)
    await wanted_again(database, films["again"])
    async with database.transaction() as connection:
        await connection.execute("UPDATE files SET missing_since = now() WHERE id = %s", (films["missing"].file_id,))
        await connection.execute("DELETE FROM files WHERE id = %s", (films["deleted"].file_id,))
        replaced = {"id": films["replaced"].file_id}
        await connection.execute("UPDATE files SET revision = 2 WHERE id = %(id)s", replaced)
        await connection.execute(
            "UPDATE file_stages SET revision = 2, state = 'pending', prior = NULL WHERE file_id = %(id)s", replaced
        )
        await add_footage(connection, "This is on its way.", path="/films/new.mp4")
    return films
