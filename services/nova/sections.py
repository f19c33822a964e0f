"""A file's analysis as a whole: section by section the best that was found out, and who found it."""

from collections.abc import Collection
from typing import Any

from services.nova.analyst import Analysis, Made
from services.nova.answering.answer import sections
from shared.analyses import LOCAL, SECTIONS, AnalysisType


def only(found: Analysis, types: Collection[AnalysisType], made: Made) -> Analysis:
    """Of what was found, the sections of these types, with who made them."""
    due = sections(types)
    empty = {name: field.get_default(call_default_factory=True) for name, field in Analysis.model_fields.items()}
    left_out = {name: empty[name] for name in set(SECTIONS.values()) - set(due)}
    return found.model_copy(update={**left_out, "made": dict.fromkeys(due, made)})


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
