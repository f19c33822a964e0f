"""A file's analysis as a whole: section by section the best that was found out, and who found it."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from services.nova.analyst import Analysis, Made
from shared.analyses import LOCAL, AnalysisType

METADATA: Final = "search_metadata"

SECTIONS: Final[Mapping[AnalysisType, str]] = {
    AnalysisType.SUMMARY: "summary",
    AnalysisType.CHAPTERS: "chapters",
    AnalysisType.ELEMENTS: "elements",
    AnalysisType.CLASSIFICATION: "waterfall_classification",
    AnalysisType.DESCRIPTION: "description",
    AnalysisType.METADATA: METADATA,
    AnalysisType.TRANSCRIPT_SUMMARY: "transcript_summary",
}
"""The field of an analysis that each type fills."""


def asked_for(types: Collection[AnalysisType]) -> tuple[str, ...]:
    """The sections of these types; whoever looks at the file itself tells its search metadata, too."""
    named = [SECTIONS[one] for one in AnalysisType if one in types]
    looks = any(one is not AnalysisType.TRANSCRIPT_SUMMARY for one in types)
    return tuple(dict.fromkeys((*named, *([METADATA] if looks else ()))))


def only(found: Analysis, types: Collection[AnalysisType], made: Made) -> Analysis:
    """Of what was found, the sections of these types, with who made them."""
    sections = asked_for(types)
    empty = {name: field.get_default(call_default_factory=True) for name, field in Analysis.model_fields.items()}
    left_out = {name: empty[name] for name in set(SECTIONS.values()) - set(sections)}
    return found.model_copy(update={**left_out, "made": dict.fromkeys(sections, made)})


def composed(before: Analysis | None, found: Analysis) -> Analysis:
    """What was found in the place of what was known before; what a model saw is not displaced by rules over words."""
    if before is None:
        return found
    taken = [name for name, made in found.made.items() if not _outranked(made, before.made.get(name))]
    kept = [name for name in before.made if name not in taken]
    leading = found if taken and not (kept and _is_local(found) and not _is_local(before)) else before
    values: dict[str, Any] = {name: getattr(found, name) for name in taken}
    made = {name: found.made[name] for name in taken} | {name: before.made[name] for name in kept}
    return before.model_copy(
        update={
            **values,
            "made": made,
            "model": leading.model,
            "version": leading.version,
            "notes": _notes(before if _still_speaks(before, kept) else None, found if taken else None),
        }
    )


def _outranked(made: Made, before: Made | None) -> bool:
    return made.model == LOCAL and before is not None and before.model != LOCAL


def _is_local(analysis: Analysis) -> bool:
    return analysis.model == LOCAL


def _still_speaks(before: Analysis, kept: Collection[str]) -> bool:
    """Whether notes of an earlier analysis still say something of what is left of it."""
    return any(before.made[name].model == before.model for name in kept)


def _notes(before: Analysis | None, found: Analysis | None) -> tuple[str, ...]:
    told = [note for analysis in (before, found) if analysis for note in analysis.notes]
    return tuple(dict.fromkeys(told))
