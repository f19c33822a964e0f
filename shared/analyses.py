"""What can be asked for when a file is analysed: the options of a request, in place of the nova service's settings."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.contracts.event import Kind
from shared.errors import Invalid

PROMPT_VERSION = "nova-1"
"""Of the prompts that models are asked with: what was answered to older ones is stale."""
LOCAL = "local"
"""In place of a model: rules over words, which look at no picture and cost nothing."""
NOBODY = "local"
"""Who asks for what no person asked for: what services begin by themselves."""


class AnalysisType(StrEnum):
    """What can be found out about a file; `search_metadata` comes with each of them that looks at the file itself."""

    SUMMARY = "summary"
    CHAPTERS = "chapters"
    ELEMENTS = "elements"
    CLASSIFICATION = "waterfall_classification"
    DESCRIPTION = "description"
    METADATA = "metadata"
    TRANSCRIPT_SUMMARY = "transcript_summary"


TIMED = (AnalysisType.SUMMARY, AnalysisType.CHAPTERS, AnalysisType.ELEMENTS, AnalysisType.CLASSIFICATION)
STILL = (AnalysisType.DESCRIPTION, AnalysisType.ELEMENTS, AnalysisType.CLASSIFICATION, AnalysisType.METADATA)
EVERYTHING: dict[Kind, tuple[AnalysisType, ...]] = {Kind.VIDEO: TIMED, Kind.AUDIO: TIMED, Kind.IMAGE: STILL}
"""What is asked for unless a request says otherwise."""
POSSIBLE: dict[Kind, frozenset[AnalysisType]] = {
    kind: frozenset((*types, *(() if kind is Kind.IMAGE else (AnalysisType.TRANSCRIPT_SUMMARY,))))
    for kind, types in EVERYTHING.items()
}


SEARCH_METADATA: Final = "search_metadata"
SECTIONS: Final[Mapping[AnalysisType, str]] = {
    **{one: one.value for one in AnalysisType},
    AnalysisType.METADATA: SEARCH_METADATA,
}
"""The part of an analysis in which each of these stands."""


class Depth(StrEnum):
    """How long a summary is."""

    BRIEF = "brief"
    STANDARD = "standard"
    DETAILED = "detailed"


class AnalysisOptions(BaseModel):
    """Options of one request; what is not given is as the nova service's settings say."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    model: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        None, description="Key of a model in the catalogue, as 2-lite; `local` for rules over words, at no cost."
    )
    analysis_types: tuple[AnalysisType, ...] | None = Field(
        None, min_length=1, description="What to find out; everything, unless given."
    )
    summary_depth: Depth | None = Field(None, description="Which summary is wanted; all three, unless given.")
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None = Field(
        None, description="In which language to answer, as en or de; that of the prompts, English, unless given."
    )
    combined: bool | None = Field(None, description="Whether all is asked in one call, else one call for each analysis.")
    fresh: bool = Field(False, description="Whether to ask, and pay, again what has an answer already.")
    processing_mode: Literal["realtime", "batch"] | None = Field(None, description="`batch` is cheaper and may take a day.")
    requested_by: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="Who asks: set by the gateway, for ledger and budgets."
    )

    def given(self) -> dict[str, Any]:
        """The options that were given, by name."""
        return self.model_dump(mode="json", exclude_none=True, exclude_defaults=True)

    def types_for(self, kind: Kind) -> tuple[AnalysisType, ...]:
        """What to find out about a file of this kind, each once and in a fixed order; raises Invalid if that cannot be."""
        wanted = set(self.analysis_types or EVERYTHING[kind])
        if impossible := sorted(wanted - POSSIBLE[kind]):
            raise Invalid(
                f"{' and '.join(impossible)} cannot be found out about {_named(kind)}; there are {_listed(POSSIBLE[kind])}."
            )
        return tuple(one for one in AnalysisType if one in wanted)


def options_of(values: dict[str, Any]) -> AnalysisOptions:
    """The options of a request; raises Invalid with a sentence that says what is wrong."""
    try:
        return AnalysisOptions.model_validate(values)
    except ValidationError as error:
        raise Invalid(" ".join(_sentence(fault["loc"], fault["type"], fault["msg"]) for fault in error.errors())) from error


def _sentence(place: tuple[int | str, ...], kind: str, message: str) -> str:
    name = ".".join(map(str, place))
    if kind == "extra_forbidden":
        return f'There is no analysis option "{name}"; there are {", ".join(AnalysisOptions.model_fields)}.'
    return f"The analysis option {name} is wrong: {message.removeprefix('Value error, ')}."


def _named(kind: Kind) -> str:
    return {Kind.VIDEO: "a video", Kind.IMAGE: "an image", Kind.AUDIO: "a sound file"}[kind]


def _listed(types: Collection[AnalysisType]) -> str:
    return ", ".join(one for one in AnalysisType if one in types)
