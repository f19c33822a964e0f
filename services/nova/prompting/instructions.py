"""What a model is told to do with a file: parts of the prompt put together for the kind of file and what is asked."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from services.nova.analyst import Span, Summary
from services.nova.answering.answer import sections
from services.nova.answering.schema import Schema, compact, schema_of
from services.nova.prompting.data import data, json_data, line, listed_parts
from services.nova.prompting.files import part
from services.nova.prompting.trade import as_terms, trade_rules, trade_terms
from services.nova.taxonomy import Taxonomy
from shared.analyses import PROMPT_VERSION, SEARCH_METADATA, AnalysisType, Depth
from shared.contracts import Kind

LOOKED_AT = frozenset(AnalysisType) - {AnalysisType.TRANSCRIPT_SUMMARY}


@dataclass(frozen=True)
class Prompt:
    """What a model is told beside the file and its context, and the JSON Schema of the answer that is due."""

    system: str
    text: str
    version: str
    schema: Schema


def instructions(
    kind: Kind, types: Collection[AnalysisType], *, depth: Depth | None = None, language: str | None = None, taxonomy: Taxonomy
) -> Prompt:
    """What to find out about a file of this kind: `depth` is the one summary wanted, `language` that of the answer, as de."""
    due = sections(types)
    schema = schema_of(due, kind, taxonomy, depth)
    only_text = LOOKED_AT.isdisjoint(types)
    parts = (
        part("text" if only_text else kind.value),
        part("context-text" if only_text else "context", kind),
        *_asked(kind, types, depth, taxonomy),
        *_language(language),
        _answer(schema),
    )
    return Prompt(part("system"), "\n\n".join(parts), PROMPT_VERSION, schema)


def transcript_summary_prompt(*, language: str | None = None, taxonomy: Taxonomy) -> Prompt:
    """How to sum up a transcript, which stands in the context, without the file itself."""
    return instructions(Kind.AUDIO, (AnalysisType.TRANSCRIPT_SUMMARY,), language=language, taxonomy=taxonomy)


def merge_prompt(
    parts: Sequence[tuple[Span, Summary]], *, depth: Depth | None = None, language: str | None = None, taxonomy: Taxonomy
) -> Prompt:
    """How to make one summary of the summaries of consecutive stretches of one file, times in its clock."""
    schema = schema_of(("summary",), Kind.VIDEO, taxonomy, depth, evidenced=False)
    told = part("merge", parts=data("stretches", listed_parts(parts)), lengths=_lengths(depth))
    return Prompt(part("system"), "\n\n".join((told, *_language(language), _answer(schema))), PROMPT_VERSION, schema)


def repair_prompt(raw: str, faults: Sequence[str], schema: Schema) -> Prompt:
    """How to mend an answer that is not as it was asked for."""
    told = part(
        "repair", answer=data("earlier_answer", json_data(raw)), faults="\n".join(f"- {line(fault)}" for fault in faults)
    )
    return Prompt(part("system"), f"{told}\n\n{_answer(schema)}", PROMPT_VERSION, schema)


def _asked(kind: Kind, types: Collection[AnalysisType], depth: Depth | None, taxonomy: Taxonomy) -> Iterator[str]:
    for one in (one for one in AnalysisType if one in types):
        if one is AnalysisType.SUMMARY:
            yield part("summary", kind, lengths=_lengths(depth))
        elif one is AnalysisType.CLASSIFICATION:
            yield part("waterfall_classification", kind, rules=trade_rules(taxonomy), terms=trade_terms(taxonomy))
        else:
            yield part(one.value, kind)
    if SEARCH_METADATA in sections(types):
        yield part(SEARCH_METADATA, kind, sorts=as_terms(taxonomy.types), styles=as_terms(taxonomy.styles))
        if AnalysisType.CLASSIFICATION not in types:
            yield part("content")


def _lengths(depth: Depth | None) -> str:
    return part("lengths") if depth is None else part(f"lengths-{depth}")


def _language(language: str | None) -> Iterator[str]:
    if language:
        yield part("language", language=language)


def _answer(schema: Schema) -> str:
    return part("answer", schema=compact(schema))
