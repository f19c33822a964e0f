"""Parts of answers, written as tests like to write them."""

import json
from typing import Any

from services.nova.analyst import Analysis, Material, Span
from services.nova.answering.conclusions import analysis_of
from services.nova.answering.grounding import Ground
from services.nova.answering.losses import Losses
from services.nova.answering.parsing import parsed_sections
from services.nova.taxonomy import load
from shared.analyses import AnalysisType
from tests.support.material import material

TRADE = load()
PATH = r"D:\Customers\Smith\job_2024_0812\SmithResidence_Grotto_final_v2.MP4"
TALK = (
    "Welcome to the Smith residence in Austin, Texas.",
    "This is a custom grotto of natural stone with a slide.",
    "An excavator and a crane placed the boulders.",
    "The water splits around a central rock.",
)


def film(**fields: Any) -> Material:
    return material(*TALK, path=PATH, **fields)


def ground(file: Material | None = None, span: Span | None = None) -> Ground:
    return Ground(file or film(), span, Losses())


def quote(source: str, phrase: str, start: float | None = None, end: float | None = None) -> dict[str, Any]:
    return {"source": source, "phrase": phrase, "start": start, "end": end}


def seen(phrase: str = "a rock", start: float | None = None, end: float | None = None) -> dict[str, Any]:
    return quote("visual", phrase, start, end)


def said(phrase: str, start: float | None = None) -> dict[str, Any]:
    return quote("transcript", phrase, start)


def value(told: Any, *evidence: dict[str, Any], confidence: float = 0.9) -> dict[str, Any]:
    return {"value": told, "evidence": list(evidence), "confidence": confidence}


def concluded(told: dict[str, Any], *types: AnalysisType, file: Material | None = None, span: Span | None = None) -> Analysis:
    """The analysis that comes of an answer of these sections."""
    answer = parsed_sections(json.dumps(told), tuple(told))
    return analysis_of(answer, file or film(), span=span, types=types, taxonomy=TRADE)
