"""Events about what people asked for as jobs: imports, uploads, batches, reconciliations, clips."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.contracts.event import Event


class JobEvent(Event):
    """A fact about a job."""

    job_id: UUID

    def key(self) -> tuple[object, ...]:
        return (self.job_id,)


class JobCounted(JobEvent):
    """A job has ended, with so many of its items done, skipped and failed."""

    done: int = Field(ge=0)
    skipped: int = Field(ge=0)
    failed: int = Field(ge=0)


class ImportRequested(JobEvent):
    """Somebody asked for a file or folder to be imported, or looked through again."""

    subject: ClassVar[str] = "import.requested"


class ImportReported(JobEvent):
    """A folder is looked through; what was found waits for somebody to approve it."""

    subject: ClassVar[str] = "import.reported"


class ImportApproved(JobEvent):
    """Somebody approved what a report lists, or a part of it."""

    subject: ClassVar[str] = "import.approved"


class ImportCompleted(JobCounted):
    """Every file of an import is in the library or has a reason why not."""

    subject: ClassVar[str] = "import.completed"


class ImportCancelled(JobEvent):
    """An import was called off; what it had taken in stays."""

    subject: ClassVar[str] = "import.cancelled"


class ImportFailed(JobEvent):
    """An import could not be carried out at all."""

    subject: ClassVar[str] = "import.failed"

    reason: str


class UploadCompleted(JobEvent):
    """All bytes of an upload are in the object store."""

    subject: ClassVar[str] = "upload.completed"


class UploadRejected(JobEvent):
    """An upload is no file that the library can take."""

    subject: ClassVar[str] = "upload.rejected"

    reason: str


class BatchRequested(JobEvent):
    """Somebody asked for an action on many files."""

    subject: ClassVar[str] = "batch.requested"


class BatchCompleted(JobCounted):
    """Every file of a batch is settled."""

    subject: ClassVar[str] = "batch.completed"


class BatchCancelled(JobEvent):
    """A batch was called off; what it had finished stays."""

    subject: ClassVar[str] = "batch.cancelled"


class BatchFailed(JobEvent):
    """A batch could not be begun at all."""

    subject: ClassVar[str] = "batch.failed"

    reason: str


class ReconcileRequested(JobEvent):
    """Somebody asked whether the object store and the library agree about proxies."""

    subject: ClassVar[str] = "reconcile.requested"


class ReconcileApproved(JobEvent):
    """Somebody approved the mending of what a reconciliation found."""

    subject: ClassVar[str] = "reconcile.approved"


class ReconcileCompleted(JobCounted):
    """What was approved of a reconciliation is mended."""

    subject: ClassVar[str] = "reconcile.completed"


class ReconcileFailed(JobEvent):
    """A reconciliation could not be carried out."""

    subject: ClassVar[str] = "reconcile.failed"

    reason: str


class ClipRequested(JobEvent):
    """Somebody shares a span of a file: a clip of just that span is to be cut."""

    subject: ClassVar[str] = "clip.requested"


class ClipReady(JobEvent):
    """A clip is in the object store."""

    subject: ClassVar[str] = "clip.ready"

    object_key: str


class ClipFailed(JobEvent):
    """A clip could not be cut."""

    subject: ClassVar[str] = "clip.failed"

    reason: str


class RebuildRequested(JobEvent):
    """Somebody asked for the tables of a read model to be made anew from the record."""

    subject: ClassVar[str] = "rebuild.requested"


class RebuildCompleted(JobCounted):
    """The tables that were made anew are in their place; `done` files were filled in. None if it was only to be told."""

    subject: ClassVar[str] = "rebuild.completed"


class RebuildCancelled(JobEvent):
    """A rebuild was called off; the tables are as they were."""

    subject: ClassVar[str] = "rebuild.cancelled"


class RebuildFailed(JobEvent):
    """A rebuild could not be carried out; the tables are as they were."""

    subject: ClassVar[str] = "rebuild.failed"

    reason: str
