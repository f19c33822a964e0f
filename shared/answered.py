"""Whether a file has been analysed as a request asks, so that nothing need be asked, or paid, again: as a condition in SQL."""

from psycopg import sql

from shared.analyses import EVERYTHING, PROMPT_VERSION, AnalysisOptions, AnalysisType
from shared.contracts import Kind

ANSWERED = """
    EXISTS (
        SELECT FROM analysis_runs AS earlier
        WHERE earlier.file_id = files.id AND earlier.revision = files.revision AND earlier.state = 'done'
          AND earlier.model = {model} AND earlier.prompt_version = {version} AND earlier.analyses @> {types}
          AND earlier.options->>'summary_depth' IS NOT DISTINCT FROM {depth}::text
          AND earlier.options->>'language' IS NOT DISTINCT FROM {language}::text
          AND coalesce((earlier.options->>'combined')::boolean, true) = {combined} AND {heard}
    )
"""

# What is summed up is what was said: words that were heard since, or put right by a person, are another question.
UNHEARD = """
    NOT EXISTS (
        SELECT FROM transcripts AS heard LEFT JOIN transcript_edits AS edit ON edit.transcript_id = heard.id
        WHERE heard.file_id = files.id AND heard.revision = files.revision
          AND (heard.created_at > earlier.started_at OR edit.edited_at > earlier.started_at))
"""


def answered(options: AnalysisOptions) -> sql.Composable:
    """A condition on `files`: the model of the options has answered just that before. Never true of `fresh`, or of no model."""
    if options.fresh or options.model is None:
        return sql.SQL("false")
    words = AnalysisType.TRANSCRIPT_SUMMARY in (options.analysis_types or ())
    return sql.SQL(ANSWERED).format(
        model=sql.Literal(options.model),
        version=sql.Literal(PROMPT_VERSION),
        types=_types(options),
        depth=sql.Literal(options.summary_depth),
        language=sql.Literal(options.language),
        combined=sql.Literal(options.combined is not False),
        heard=sql.SQL(UNHEARD if words else "true"),
    )


def _types(options: AnalysisOptions) -> sql.Composable:
    if options.analysis_types:
        return _listed(options.analysis_types)
    cases = [sql.SQL("WHEN {} THEN {}").format(sql.Literal(str(kind)), _listed(EVERYTHING[kind])) for kind in Kind]
    return sql.SQL("CASE files.kind {} END").format(sql.SQL(" ").join(cases))


def _listed(types: tuple[str, ...]) -> sql.Composable:
    return sql.SQL("{}::text[]").format(sql.Literal([str(one) for one in types]))
