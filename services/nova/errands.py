"""What is asked when an analysis is wanted: by a request's options, or else by the service's settings."""

from uuid import UUID

from services.nova.analyst import Errand
from services.nova.local.analyst import VERSION
from shared.analyses import LOCAL, NOBODY, PROMPT_VERSION, AnalysisOptions, options_of
from shared.contracts import FileEvent, NovaRequested
from shared.identifiers import derived_id

ASKED_ELSEWHERE = frozenset({"model", "analysis_types", "requested_by"})
"""Options that a run has columns for."""


def errand_of(event: FileEvent, usual_model: str, asker: str = NOBODY) -> Errand:
    """The errand of an event, asked by the `asker` unless its options name another.

    Raises Invalid if they ask for what cannot be found out about such a file.
    """
    options = options_of(event.options) if isinstance(event, NovaRequested) else AnalysisOptions()
    return Errand(
        run_id=run_id_of(event),
        types=options.types_for(event.kind),
        model=options.model or usual_model,
        depth=options.summary_depth,
        language=options.language,
        combined=options.combined is not False,
        fresh=options.fresh,
        requested_by=options.requested_by or asker,
        asked={name: value for name, value in options.given().items() if name not in ASKED_ELSEWHERE},
    )


def run_id_of(event: FileEvent) -> UUID:
    """The id of the run that an event leads to."""
    return derived_id("analysis run", event.file_id, event.revision, event.run_id)


def version_of(errand: Errand) -> str:
    """Version of the prompts, or of the local analyst's rules, that answer it."""
    return VERSION if errand.model == LOCAL else PROMPT_VERSION
