"""Which files a search is about, as values, and as a condition on `files` in SQL."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from psycopg import sql
from psycopg.abc import AdaptContext

from services.search.moments.grammar import Condition
from services.search.moments.like_text import escaped
from shared.contracts import Kind
from shared.labels import id_of, label_key
from shared.selection import collected, tagged

Has = Literal[
    "proxy",
    "transcript",
    "embedding",
    "failed",
    "summary",
    "transcript_summary",
    "description",
    "chapters",
    "elements",
    "classification",
    "metadata",
]
"""What a file can have: a light version, speech in words, vectors, a stage that failed, a section of its analysis."""
FACTS = ("family", "tier", "type", "subtype", "customer", "project")
"""Fields of `file_facts` that people filter by."""
EARTH_KM = 6371.0
KM_PER_DEGREE = 111.0
"""Of latitude; a little less than any degree is long, so that no file near the edge is lost."""

HAS: dict[str, str] = {
    "proxy": "EXISTS (SELECT FROM renditions WHERE file_id = files.id AND name IN ('proxy', 'image'))",
    "transcript": "EXISTS (SELECT FROM transcripts WHERE file_id = files.id AND revision = files.revision)",
    "embedding": "EXISTS (SELECT FROM file_stages WHERE file_id = files.id AND stage = 'embed' AND state = 'done')",
    "failed": "EXISTS (SELECT FROM file_stages WHERE file_id = files.id AND state = 'failed')",
}
FACT = "EXISTS (SELECT FROM file_facts WHERE file_id = files.id AND field = {field} AND {value})"
LANGUAGE = """
    EXISTS (SELECT FROM transcripts WHERE file_id = files.id AND revision = files.revision AND lower(language) = ANY ({values}))
"""
NEAR = """
    files.latitude BETWEEN {south} AND {north} AND 2 * {earth} * asin(least(1, sqrt(
        sin(radians(files.latitude - {latitude}) / 2) ^ 2
        + cos(radians({latitude})) * cos(radians(files.latitude)) * sin(radians(files.longitude - {longitude}) / 2) ^ 2
    ))) <= {km}
"""
COMPARED = {
    "captured_from": "files.captured_at >= {}",
    "captured_to": "files.captured_at < {}",
    "duration_min": "files.duration >= {}",
    "duration_max": "files.duration <= {}",
    "size_min": "files.size >= {}",
    "size_max": "files.size <= {}",
}


class Value(sql.Literal):
    """A value written out in a statement that has parameters too, so that a percent sign in it has to be doubled."""

    def as_bytes(self, context: AdaptContext | None = None) -> bytes:
        """The literal."""
        return super().as_bytes(context).replace(b"%", b"%%")


class Near(NamedTuple):
    """A place in degrees, and how far from it."""

    latitude: float
    longitude: float
    km: float


@dataclass(frozen=True)
class Wanted:
    """What files have to be; what is not given does not matter. Of several values of one thing, one is enough, but for tags.

    Durations are in seconds, sizes in bytes; `captured_to` itself is outside.
    """

    kinds: Sequence[Kind] = ()
    captured_from: datetime | None = None
    captured_to: datetime | None = None
    duration_min: float | None = None
    duration_max: float | None = None
    size_min: int | None = None
    size_max: int | None = None
    folder: str | None = None
    languages: Sequence[str] = ()
    cameras: Sequence[str] = ()
    near: Near | None = None
    has: Sequence[Has] = ()
    has_not: Sequence[Has] = ()
    family: Sequence[str] = ()
    tier: Sequence[str] = ()
    type: Sequence[str] = ()
    subtype: Sequence[str] = ()
    customer: Sequence[str] = ()
    project: Sequence[str] = ()
    tags: Sequence[str] = ()
    """By name; of these, a file has all."""
    collections: Sequence[str] = ()
    """By name or id."""
    said: Sequence[Condition] = ()
    """Conditions that were written into the query."""
    files: Sequence[UUID] | None = None
    """Only these, where a page of them is known."""
    besides: UUID | None = None
    """Not this one."""

    @property
    def is_everything(self) -> bool:
        """Whether any file will do."""
        return all(getattr(self, field.name) in ((), [], None) for field in fields(self))


def condition(wanted: Wanted) -> sql.Composable:
    """A condition on `files`, its values written out as literals, so that Postgres plans for them."""
    return sql.SQL(" AND ").join([sql.SQL("true"), *_parts(wanted)])


def _parts(wanted: Wanted) -> Iterator[sql.Composable]:
    if wanted.kinds:
        yield sql.SQL("files.kind = ANY ({})").format(Value([str(kind) for kind in wanted.kinds]))
    for name, comparison in COMPARED.items():
        if (value := getattr(wanted, name)) is not None:
            yield sql.SQL(comparison).format(Value(value))
    if wanted.folder:
        yield _below(wanted.folder)
    if wanted.languages:
        yield sql.SQL(LANGUAGE).format(values=Value([language.lower() for language in wanted.languages]))
    if wanted.cameras:
        yield _any([_contains("camera", camera) for camera in wanted.cameras])
    if wanted.near:
        yield _near(wanted.near)
    yield from (has(one) for one in wanted.has)
    yield from (sql.SQL("NOT {}").format(has(one)) for one in wanted.has_not)
    for field in FACTS:
        if values := getattr(wanted, field):
            yield _any([_fact(field, sql.SQL("normalized = fact_key({})").format(Value(value))) for value in values])
    yield from (tagged(sql.SQL("= {}").format(Value(label_key(tag)))) for tag in wanted.tags)
    if wanted.collections:
        yield _any([_collected(collection) for collection in wanted.collections])
    yield from map(_said, wanted.said)
    if wanted.files is not None:
        yield sql.SQL("files.id = ANY ({})").format(Value(list(wanted.files)))
    if wanted.besides:
        yield sql.SQL("files.id <> {}").format(Value(wanted.besides))


def has(one: Has) -> sql.Composable:
    """Whether a row of `files` has this."""
    return sql.SQL(HAS[one]) if one in HAS else _fact("has", sql.SQL("normalized = {}").format(Value(one)))


def _said(said: Condition) -> sql.Composable:
    meant = sql.SQL("({})").format(_meant(said.field, said.value))
    # What is not known of a file does not keep it from not being so.
    return sql.SQL("{} IS NOT TRUE").format(meant) if said.excluded else meant


def _meant(field: str, value: str) -> sql.Composable:
    """A value as people type it: for most fields, part of what it is called will do."""
    if field in FACTS:
        return _fact(field, sql.SQL("normalized LIKE '%%' || fact_key({}) || '%%'").format(Value(escaped(value))))
    return WAYS[field](value) if field in WAYS else _contains(field, value)


def _language(value: str) -> sql.Composable:
    return sql.SQL(LANGUAGE).format(values=Value([value.lower()]))


def _kind(value: str) -> sql.Composable:
    return sql.SQL("files.kind = {}").format(Value(value.lower()))


def _name(value: str) -> sql.Composable:
    """Part of the name; the whole path is looked at first, since it has an index."""
    in_name = sql.SQL(r"substring(files.path FROM '[^/\\]+$') ILIKE {}").format(Value(f"%{escaped(value)}%"))
    return sql.SQL("{} AND {}").format(_contains("path", value), in_name)


def _fact(field: str, value: sql.Composable) -> sql.Composable:
    return sql.SQL(FACT).format(field=Value(field), value=value)


def _tagged(name: str) -> sql.Composable:
    """By its name, or with a star behind it by the beginning of it."""
    if beginning := label_key(name.removesuffix("*")) if name.endswith("*") else "":
        return tagged(sql.SQL("LIKE {}").format(Value(f"{escaped(beginning)}%")))
    return tagged(sql.SQL("= {}").format(Value(label_key(name))))


def _collected(name: str) -> sql.Composable:
    """By its name or id."""
    by_name = sql.SQL("collections.key = {}").format(Value(label_key(name)))
    identifier = id_of(name)
    return collected(sql.SQL("{} OR collections.id = {}").format(by_name, Value(identifier)) if identifier else by_name)


def _contains(column: str, value: str) -> sql.Composable:
    return sql.SQL("files.{} ILIKE {}").format(sql.Identifier(column), Value(f"%{escaped(value)}%"))


def _any(parts: Sequence[sql.Composable]) -> sql.Composable:
    return sql.SQL("({})").format(sql.SQL(" OR ").join(parts))


def _near(near: Near) -> sql.Composable:
    degrees = near.km / KM_PER_DEGREE
    return sql.SQL(NEAR).format(
        south=Value(near.latitude - degrees),
        north=Value(near.latitude + degrees),
        earth=Value(EARTH_KM),
        latitude=Value(near.latitude),
        longitude=Value(near.longitude),
        km=Value(near.km),
    )


def _below(folder: str) -> sql.Composable:
    """Files in a folder and in those below it, whose separator is that of the machine it is on."""
    name = escaped(folder.rstrip("/\\"))
    return sql.SQL("files.path LIKE ANY ({})").format(Value([f"{name}/%", f"{name}\\\\%"]))


WAYS: Mapping[str, Callable[[str], sql.Composable]] = {
    "language": _language,
    "kind": _kind,
    "folder": _below,
    "name": _name,
    "tag": _tagged,
    "collection": _collected,
}
"""What a field of a query means, where it is not merely that the value contains what is typed."""
