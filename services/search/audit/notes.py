"""What a route adds to its entry in the audit log: the job that it began, the price that was agreed to."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import JsonValue

PLACE = "audit_notes"
"""Where a request's scope has them."""


class Notes:
    """Facts of one request, by name. They are no place for secrets, nor for long lists."""

    def __init__(self) -> None:
        self.facts: dict[str, JsonValue] = {}

    def add(self, **facts: Any) -> None:
        """Note what is not None; ids are told as text."""
        for name, value in facts.items():
            if value is not None:
                self.facts[name] = value if isinstance(value, bool | int | float | list | dict) else str(value)

    def add_job(self, begun: Mapping[str, Any]) -> None:
        """Note the job that a request began, what it is about, and the price at which it was agreed to."""
        cost = begun.get("cost") or {}
        job_id = begun.get("job_id") or begun.get("nova_job_id")
        self.add(job_id=job_id, files=begun.get("total_files"), model=begun.get("model"), usd_high=cost.get("usd_high"))


def notes_of(request: Request) -> Notes:
    """The notes of the request that is answered; of one that is not recorded, nobody reads them."""
    notes: Notes = request.scope.get(PLACE) or Notes()
    return notes


Noting = Annotated[Notes, Depends(notes_of)]
"""A route's parameter for what it adds to its entry in the audit log."""
