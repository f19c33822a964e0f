"""What is known of a paid call before it is made, and of its answer."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import JsonValue

from shared.models.prices import Usage

Purpose = Literal["analysis", "repair", "merge", "summary", "embedding", "query"]


@dataclass(frozen=True)
class Reserve:
    """What a call may take at most; so much of the budgets is held until its answer says what it took."""

    input_tokens: int
    output_tokens: int
    usd: Decimal
    prices_as_of: date


@dataclass(frozen=True)
class Call:
    """A call that may cost money. Calls of one `question` have one answer, unless `fresh`: then that of the run alone counts.

    `model` is a key of the catalogue and `model_id` what the provider is asked for.
    """

    question: str
    purpose: Purpose
    provider: str
    model: str
    model_id: str
    requested_by: str
    reserve: Reserve
    file_id: UUID | None = None
    analysis_run_id: UUID | None = None
    fresh: bool = False


@dataclass(frozen=True)
class Reply:
    """What a provider answered, and what it says that this took."""

    body: JsonValue
    usage: Usage
    request_id: str | None
    latency_ms: int | None
    stop_reason: str | None


@dataclass(frozen=True)
class Answer:
    """The answer to a call. One that was `cached` cost nothing this time; its `usage` is that of the call which was paid."""

    body: JsonValue
    usage: Usage
    usd: Decimal
    request_id: str | None
    latency_ms: int | None
    stop_reason: str | None
    cached: bool
    call_id: UUID


def question_of(**parts: Any) -> str:
    """The same text for the same parts, whatever their order: SHA-256 of their canonical JSON; raises TypeError, ValueError."""
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
