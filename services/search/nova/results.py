"""What was found out about a file, put together as the API tells it: sections, who made them, what they cost, raw answers."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.analyses import LOCAL, SEARCH_METADATA, SECTIONS, AnalysisType

TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
CALL = (
    *("id", "purpose", "model", "model_id", "state", "request_id", *TOKENS, "usd", "usd_reserved", "latency_ms"),
    *("stop_reason", "error", "begun_at", "ended_at"),
)
STATES = {"pending": "pending", "done": "done", "failed": "failed", "skipped": "cancelled"}


def result_of(
    file: Mapping[str, Any], calls: Sequence[Mapping[str, Any]], paid_before: Decimal, *, job_id: UUID | None
) -> dict[str, Any]:
    """A file's result; the field names are those of `schemas.Result`."""
    return {
        "nova_job_id": job_id and str(job_id),
        "status": status_of(file),
        "file_id": str(file["file_id"]),
        "path": file["path"],
        "kind": file["kind"],
        "error": file["reason"] or file["run_reason"],
        **{name: file[name] for name in ("model", "model_id", "prompt_version", "estimate")},
        "analysis_types": file["analyses"],
        **sections_of(file),
        "tokens": {name: sum(call[name] or 0 for call in calls) for name in TOKENS},
        "cost": cost_of(file, calls, paid_before),
        "raw": [raw_of(call) for call in calls if call["answer"] is not None],
        **{name: file[name] and file[name].isoformat() for name in ("started_at", "finished_at")},
    }


def status_of(file: Mapping[str, Any]) -> str:
    """How far a file of a job is."""
    return file["run_state"] if file["state"] == "pending" and file["run_state"] else STATES[file["state"]]


def sections_of(file: Mapping[str, Any]) -> dict[str, Any]:
    """The sections of what was asked for; of a request that has no row of its own, all."""
    found = file["result"] or {}
    wanted = {SECTIONS[AnalysisType(one)] for one in file["analyses"] or SECTIONS} | {SEARCH_METADATA}
    made = found.get("made") or {}
    return {
        **{name: found.get(name) if name in wanted else None for name in SECTIONS.values()},
        "metadata": metadata_of(file) if found else None,
        "made": {name: who for name, who in made.items() if name in wanted} if found else None,
        "notes": found.get("notes") or [],
    }


def metadata_of(file: Mapping[str, Any]) -> dict[str, Any]:
    """The search metadata, and beside it what the camera noted, as a source of its own."""
    captured = file["captured_at"]
    place = None if file["latitude"] is None or file["longitude"] is None else [file["latitude"], file["longitude"]]
    return {
        "search_metadata": (file["result"] or {}).get("search_metadata"),
        "exif": {
            "source": "exif",
            "values": file["metadata"],
            "captured_at": captured and captured.isoformat(),
            "camera": file["camera"],
            "gps": place,
        },
    }


def cost_of(file: Mapping[str, Any], calls: Sequence[Mapping[str, Any]], paid_before: Decimal) -> dict[str, Any]:
    """What a result cost: nothing if everything had been answered before, and then what that had cost."""
    usd = sum((call["usd"] for call in calls if call["usd"] is not None), Decimal(0))
    cached = file["run_state"] == "done" and file["model"] != LOCAL and not calls
    return {
        "usd": float(usd),
        "usd_saved_by_cache": float(paid_before) if cached else 0.0,
        "cached": cached,
        "calls": [call_of(call) for call in calls],
    }


def call_of(call: Mapping[str, Any]) -> dict[str, Any]:
    """A paid call as JSON has it."""
    amounts = {name: None if call[name] is None else float(call[name]) for name in ("usd", "usd_reserved")}
    times = {name: call[name] and call[name].isoformat() for name in ("begun_at", "ended_at")}
    return {**{name: call[name] for name in CALL}, "id": str(call["id"]), **amounts, **times}


def raw_of(call: Mapping[str, Any]) -> dict[str, Any]:
    """An answer as it came."""
    return {
        "call_id": str(call["id"]),
        "purpose": call["purpose"],
        "stop_reason": call["stop_reason"],
        "answer": call["answer"],
    }
