"""Which events of the log are meant: as people say it, and as a condition on `outbox` in SQL."""

from typing import Annotated, Any
from uuid import UUID

from psycopg import sql
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.contracts import BY_SUBJECT, Stage
from shared.errors import Invalid

Place = Annotated[int, Field(ge=0, lt=1 << 63)]

# What happens to a file for a batch carries the batch's id; to the files of an import happens what they bring about.
# Each way has an index of its own.
OF_JOB = """
    outbox.position IN (
        SELECT position FROM outbox AS told WHERE told.key = %(job_id)s
        UNION ALL
        SELECT position FROM outbox AS told WHERE told.run_id = %(job_id)s
        UNION ALL
        SELECT position FROM jobs JOIN job_items ON job_items.job_id = jobs.id
            JOIN outbox AS told ON told.key = job_items.file_id AND told.run_id IS NULL
        WHERE jobs.id = %(job_id)s AND jobs.kind <> ALL(%(stages)s::text[]))
"""

# Of one subject an index gives the events in their order; of several it cannot.
ONE_SUBJECT = "outbox.subject = (%(subject)s::text[])[1]"

CONDITIONS = {
    "subject": "outbox.subject = ANY(%(subject)s::text[])",
    "since": "outbox.created_at >= %(since)s",
    "until": "outbox.created_at < %(until)s",
    "file_id": "outbox.key = %(file_id)s",
    "job_id": OF_JOB,
    "first_sequence": "outbox.sequence >= %(first_sequence)s",
    "last_sequence": "outbox.sequence <= %(last_sequence)s",
}


class Choice(BaseModel):
    """Events of the log; what is not given does not matter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: tuple[str, ...] | None = Field(None, description="Subjects of the catalogue, as proxy.ready.")
    since: AwareDatetime | None = Field(None, description="Told at this time or later.")
    until: AwareDatetime | None = Field(None, description="Told before this time.")
    file_id: UUID | None = Field(None, description="About this file.")
    job_id: UUID | None = Field(None, description="About this job, or about its files and for it.")
    first_sequence: Place | None = Field(None, description="At this place of the stream, or after it.")
    last_sequence: Place | None = Field(None, description="At this place of the stream, or before it.")

    def given(self) -> dict[str, Any]:
        """What is said, by name."""
        return {name: value for name, value in self if value is not None}


def conditions(choice: Choice) -> tuple[sql.Composable, dict[str, Any]]:
    """A condition on `outbox`, and the values that it names; raises Invalid for a subject that the catalogue does not have."""
    require_subjects(choice.subject or ())
    given = choice.given()
    named = {**CONDITIONS, **({"subject": ONE_SUBJECT} if len(choice.subject or ()) == 1 else {})}
    parts = [sql.SQL("true"), *(sql.SQL(named[name]) for name in given)]
    values = {**given, "subject": list(choice.subject or ()), "stages": list(map(str, Stage))}
    return sql.SQL(" AND ").join(parts), values


def require_subjects(subjects: tuple[str, ...]) -> None:
    """Raise Invalid for a subject that the catalogue does not have."""
    for subject in subjects:
        if subject not in BY_SUBJECT:
            raise Invalid(f'There is no subject "{subject}"; there are {", ".join(BY_SUBJECT)}.')
