"""Changed transcripts and the search: a file whose transcript is another one now is read again."""

from uuid import UUID

from services.search.transcripts import repository
from services.search.transcripts.repository import TranscribedFile
from shared import stages
from shared.contracts import Stage, TranscriptEdited
from shared.effects import Effect


async def tell_search(effect: Effect, before: TranscribedFile, run_id: UUID, changed: UUID | None = None) -> UUID | None:
    """Have the file found by its new words, if `changed` is its best transcript or another one has become that.

    `before` is the file as it was; the answer is the transcript that stands for it now. A file whose analysis is still to come
    is not read for this: it will be, and by then it has what the analysis finds.
    """
    file = await repository.file_of(effect.connection, before.id)
    if not file.unread and (file.best != before.best or (changed is not None and changed == file.best)):
        await stages.reopen(effect.connection, Stage.EMBED, [file.id], run_id)
        transcript_id = file.best or before.best
        assert transcript_id is not None
        fact = TranscriptEdited(
            file_id=file.id, revision=file.revision, kind=file.kind, run_id=run_id, transcript_id=transcript_id
        )
        await effect.emit(fact)
    return file.best
