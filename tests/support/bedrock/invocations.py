"""Embeddings that are made in the background: what was started, and how far it is."""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.support.bedrock.metering import Usage

Lines = dict[str, list[dict[str, Any]]]
"""What the files will hold, by the type of embedding."""


@dataclass
class Invocation:
    """One that was started: done when it was looked at so many times more."""

    arn: str
    model_arn: str
    asked: dict[str, Any]
    output: str
    source: str
    dimension: int
    polls_left: int
    lines: Lines
    failure: str | None
    usage: Usage | None
    submitted: datetime
    status: str = "InProgress"
    ended: datetime | None = None

    @property
    def id(self) -> str:
        """The last part of its name."""
        return self.arn.rpartition("/")[2]

    def told(self) -> dict[str, Any]:
        """As GetAsyncInvoke tells it."""
        optional = {
            "clientRequestToken": self.asked.get("clientRequestToken"),
            "failureMessage": self.failure if self.status == "Failed" else None,
            "endTime": self.ended,
        }
        return {
            "invocationArn": self.arn,
            "modelArn": self.model_arn,
            "status": self.status,
            "submitTime": self.submitted,
            "lastModifiedTime": self.ended or self.submitted,
            "outputDataConfig": self.asked["outputDataConfig"],
            **{name: value for name, value in optional.items() if value is not None},
        }


@dataclass
class Invocations:
    """All that were started, by name."""

    known: dict[str, Invocation] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held while one is started or looked at, so that a token starts one only, however many ask at once."""

    def of_token(self, token: str | None) -> Invocation | None:
        """The one that was started with this token."""
        return next((one for one in self.known.values() if token and one.asked.get("clientRequestToken") == token), None)
