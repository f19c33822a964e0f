"""What can go wrong, as a policy tree: the class of an error decides what becomes of the message that met it.

`Transient` is tried again with growing delay, up to the consumer's number of attempts; `Unavailable` (Postgres, NATS or S3
is away, or a service throttles us) is waited out for as long as it lasts, since it says nothing of the message; `Permanent`
goes to the dead letters at once. The text of each is a sentence for the person whose file it is: what is wrong, and what to do.
"""

from uuid import UUID


class SpillwayError(Exception):
    """Root of every error that Spillway raises on purpose."""


class Transient(SpillwayError):
    """May pass if tried again."""


class Unavailable(Transient):
    """A part of the platform cannot be reached; no message is to blame."""


class DatabaseUnavailable(Unavailable):
    """Postgres refused, dropped or timed out the connection."""


class TablesMissing(Unavailable):
    """Tables that searches read are not there, or not as they should be; nothing is lost, as they can be made anew."""

    def __init__(self, reason: object) -> None:
        super().__init__(
            f"The tables that searches read are missing or damaged ({reason}). Run ./spillway events rebuild search; "
            "until that is done nothing can be found, and new files wait."
        )


class BlobsUnavailable(Unavailable):
    """The object store cannot be reached."""


class BusUnavailable(Unavailable):
    """NATS cannot be reached, or has no stream to take the event."""


class Throttled(Unavailable):
    """Somebody else's service takes no more for now; it may be asked again after `delay` seconds."""

    def __init__(self, sentence: str, delay: float) -> None:
        super().__init__(sentence)
        self.delay = delay


class Permanent(SpillwayError):
    """Will fail each time it is tried."""


class InvalidEvent(Permanent):
    """The message is no event of the catalogue."""

    def __init__(self, subject: str, reason: str) -> None:
        super().__init__(f"The message on {subject} is not a valid event: {reason}")
        self.subject = subject


class WorkerLost(Permanent):
    """The worker died each time it took the message."""

    def __init__(self, deliveries: int) -> None:
        super().__init__(
            f"The worker stopped {deliveries} times while it worked on this file. "
            "The file may be too large for this machine's memory, or damaged; see the service's log."
        )
        self.deliveries = deliveries


class BadMedia(Permanent):
    """The bytes are not what they should be; the text says what to do."""


class Conflict(Permanent):
    """The request contradicts what is there already."""


class Invalid(Permanent):
    """The request itself is wrong; the text says how to put it right."""


class Forbidden(Permanent):
    """Whoever asks may not do this to that; the text says who may."""


class KeyReused(Invalid):
    """Another request was made before with this idempotency key."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request; give each request a key of its own.")


class NotFound(Permanent):
    """Nothing has this identifier."""

    def __init__(self, what: str, identifier: object) -> None:
        super().__init__(f"There is no {what} with the id {identifier}.")
        self.identifier = identifier


class AlreadyApplied(SpillwayError):
    """The event's effect is in the database already: a duplicate delivery, to be acknowledged and forgotten."""

    def __init__(self, event_id: UUID) -> None:
        super().__init__(f"Event {event_id} has been applied before.")
        self.event_id = event_id


class Superseded(SpillwayError):
    """The file has a newer revision, or the stage is settled: the event is history, to be acknowledged and forgotten."""

    def __init__(self, file_id: UUID, revision: int) -> None:
        super().__init__(f"Revision {revision} of file {file_id} is no longer being worked on.")
        self.file_id = file_id
        self.revision = revision
