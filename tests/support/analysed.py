"""Files with analyses, the runs that made them and what was paid for them, as the nova service leaves them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from shared.analyses import PROMPT_VERSION
from shared.database import Connection

AT = datetime(2026, 8, 1, 10, 11, 12, tzinfo=UTC)

RUN = """
    INSERT INTO analysis_runs (id, file_id, revision, job_id, model, model_id, prompt_version, analyses, options, state, reason,
                               chunks_done, chunks, requested_by, started_at, finished_at)
    VALUES (%(id)s, %(file_id)s, 1, %(job_id)s, %(model)s, 'us.amazon.nova', %(version)s, %(analyses)s, %(options)s, %(state)s,
            %(reason)s, %(chunks_done)s, %(chunks)s, 'local', %(started_at)s,
            CASE WHEN %(state)s IN ('done', 'failed') THEN %(started_at)s END)
"""
ANALYSIS = """
    INSERT INTO analyses (id, file_id, revision, model, version, result, created_at, analysis_run_id)
    VALUES (%(id)s, %(file_id)s, 1, %(model)s, %(version)s, %(result)s, %(at)s, %(run_id)s)
"""
CALL = """
    INSERT INTO model_calls (id, question, purpose, provider, model, model_id, state, file_id, analysis_run_id, requested_by,
        estimated_input_tokens, estimated_output_tokens, usd_reserved, prices_as_of, request_id, input_tokens, output_tokens,
        cache_read_tokens, cache_write_tokens, usd, latency_ms, stop_reason, answer, begun_at, ended_at)
    VALUES (%(id)s, %(question)s, %(purpose)s, 'bedrock', '2-lite', 'us.amazon.nova-2-lite-v1:0', %(state)s, %(file_id)s,
        %(run_id)s, %(requested_by)s, 1000, 500, 0.02, '2026-11-20', 'r-1', %(input_tokens)s, %(output_tokens)s, 0, 0, %(usd)s,
        900, 'end_turn', %(answer)s, %(at)s, CASE WHEN %(state)s <> 'begun' THEN %(at)s END)
"""
EVERYTHING = ("summary", "chapters", "elements", "waterfall_classification")

SEEN = {"source": "visual", "phrase": "a pump", "start": 61.0, "end": 62.5}
FACT: dict[str, Any] = {"value": "unknown", "evidence": [], "confidence": 0.0}


def fact(value: str) -> dict[str, Any]:
    """A value that something says."""
    return {"value": value, "evidence": [{**SEEN, "source": "path", "start": None, "end": None}], "confidence": 0.75}


def passage(text: str) -> dict[str, Any]:
    """Prose with what it rests on."""
    return {"text": text, "evidence": [SEEN], "confidence": 0.9}


def made_by(model: str = "2-lite", version: str = PROMPT_VERSION, *sections: str) -> dict[str, Any]:
    """Who made the sections."""
    named = sections or ("summary", "chapters", "elements", "waterfall_classification", "search_metadata")
    return {name: {"model": model, "version": version, "model_id": None, "run_id": None, "at": None} for name in named}


def classification() -> dict[str, Any]:
    """A place in a taxonomy."""
    return {
        "taxonomy": "waterfall",
        "taxonomy_version": 1,
        "confidence": 0.5,
        "search_tags": ["boulder", "pump"],
        "dimensions": {
            "tier_level": {
                "value": "Unknown",
                "evidence": [],
                "confidence": 0.0,
                "unknown_reason": "Nothing shows its size.",
            },
            "family": {"value": "Genesis Natural", "evidence": [SEEN], "confidence": 0.8, "unknown_reason": None},
        },
        "product_keywords": [fact("PumpMax")],
        "content_type": FACT,
        "skill_level": FACT,
        "building_techniques": [],
    }


def search_metadata() -> dict[str, Any]:
    """What finds a file."""
    return {
        "project": {"customer_name": fact("Smith"), "project_name": FACT},
        "location": {"city": FACT},
        "water_feature": {"family": FACT, "type_keywords": [fact("grotto")], "style_keywords": []},
        "content": {"content_type": FACT, "skill_level": FACT},
        "dates": [{"kind": "capture", "value": "2024-08", "evidence": [SEEN], "confidence": 1.0}],
        "keywords": ["pump"],
        "entities": [
            {
                "type": "customer",
                "value": "Smith",
                "normalized": "smith",
                "sources": ["path"],
                "evidence": [SEEN],
                "confidence": 0.6,
            }
        ],
    }


def result(model: str = "2-lite", version: str = PROMPT_VERSION, **sections: Any) -> dict[str, Any]:
    """An analysis as the nova service keeps it."""
    return {
        "model": model,
        "version": version,
        "made": made_by(model, version),
        "summary": {"brief": passage("A pump goes in."), "standard": None, "detailed": passage("A pump is set into a vault.")},
        "transcript_summary": None,
        "description": None,
        "chapters": [
            {
                "start": 0.0,
                "end": 61.0,
                "title": "Digging",
                "summary": "A hole.",
                "source": "visual",
                "evidence": [SEEN],
                "confidence": 0.8,
                "raw_start": 0.5,
                "raw_end": None,
            }
        ],
        "elements": [
            {"kind": "equipment", "name": "pump", "spans": [{"start": 1.0, "end": 2.0}], "evidence": [SEEN], "confidence": 0.7}
        ],
        "waterfall_classification": classification(),
        "search_metadata": search_metadata(),
        "notes": [],
        **sections,
    }


async def add_run(
    connection: Connection,
    file_id: UUID,
    job_id: UUID | None = None,
    *,
    model: str = "2-lite",
    version: str = PROMPT_VERSION,
    analyses: Sequence[str] = EVERYTHING,
    state: str = "done",
    reason: str | None = None,
    chunks: tuple[int, int] | None = None,
    at: datetime | None = None,
    **options: Any,
) -> UUID:
    """A run about a file; its id."""
    done, total = chunks or (0, None)
    values = {
        "id": uuid4(),
        "file_id": file_id,
        "job_id": job_id,
        "model": model,
        "version": version,
        "state": state,
        "analyses": list(analyses),
        "reason": reason,
        "chunks_done": done,
        "chunks": total,
        "started_at": at or AT,
        "options": Jsonb(options),
    }
    await connection.execute(RUN, values)
    return values["id"]  # type: ignore[return-value] # values of several types


async def add_analysis(
    connection: Connection, file_id: UUID, run_id: UUID | None = None, found: Mapping[str, Any] | None = None, **told: Any
) -> UUID:
    """What a run found; its id."""
    content = {**(found or result(**told))}
    values = {"id": uuid4(), "file_id": file_id, "run_id": run_id, "result": Jsonb(content), "at": AT}
    await connection.execute(ANALYSIS, {**values, "model": content["model"], "version": content["version"]})
    return values["id"]  # type: ignore[return-value] # as above


async def add_call(
    connection: Connection,
    file_id: UUID | None = None,
    run_id: UUID | None = None,
    *,
    purpose: str = "analysis",
    state: str = "answered",
    usd: float | None = 0.01,
    tokens: tuple[int, int] = (900, 300),
    requested_by: str = "local",
    at: datetime | None = None,
    answer: Any = None,
) -> UUID:
    """A paid call; its id."""
    values = {
        "id": uuid4(),
        "question": uuid4().hex,
        "purpose": purpose,
        "state": state,
        "file_id": file_id,
        "run_id": run_id,
        "requested_by": requested_by,
        "input_tokens": tokens[0],
        "output_tokens": tokens[1],
        "usd": usd,
        "at": at or AT,
        "answer": None if answer is None else Jsonb(answer),
    }
    await connection.execute(CALL, values)
    return values["id"]  # type: ignore[return-value] # as above
