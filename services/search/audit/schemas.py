"""What the API answers about the audit log."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field, JsonValue

from services.search.schemas import Schema

Outcome = Literal["done", "refused", "failed", "broken off", "unknown"]
Method = Literal["POST", "PUT", "PATCH", "DELETE", "GET"]


class AuditEntry(Schema):
    """A request that changes something, or was to."""

    id: int
    at: datetime
    actor: str = Field(description="A person's name; `nobody` for who showed neither session nor key.")
    person_id: UUID | None
    means: Literal["session", "key", "nothing"] = Field(description="By what the person was known.")
    means_id: UUID | None = Field(description="The session or the key.")
    method: str
    route: str = Field(description="As it is declared; path_params has what stood in its place.")
    path_params: dict[str, JsonValue]
    query: dict[str, JsonValue]
    body: JsonValue = Field(description="What was sent as JSON, without secrets; null if it was large, a file, or nothing.")
    body_bytes: int | None
    body_sha256: str | None = Field(description="Of a body that was too large to keep.")
    noted: dict[str, JsonValue] = Field(description="What came of it: the job that was begun, the price that was agreed to.")
    request_id: str | None = Field(description="As the header X-Request-Id and the gateway's log have it.")
    address: str | None
    user_agent: str | None
    status: int | None = Field(description="What it was answered with.")
    outcome: Outcome = Field(
        description="`broken off` when the gateway was stopped meanwhile; `unknown` while it is under way, and for ever if the "
        "gateway was killed."
    )
    ended_at: datetime | None
    times: int = Field(description="Refused requests of a minute are told as one.")


class AuditLog(Schema):
    """Entries, the latest first."""

    entries: list[AuditEntry]
    next_cursor: str | None
