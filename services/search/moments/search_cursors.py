"""Cursors of searches: where a page ended, by score or by what the files are sorted by."""

import json
import math
from datetime import datetime
from uuid import UUID

from services.search.http.cursors import FOREIGN, read_place, write_place
from services.search.moments.grouping import Place
from services.search.moments.matching import Sort
from shared.errors import Invalid

LONGEST = 8192
"""Characters of a cursor: a path fits in."""


def write_score(place: Place) -> str:
    """The cursor after a place among answers by score."""
    return _written(Sort.RELEVANCE, repr(place.score), place.id)


def read_score(text: str) -> Place:
    """The place after which to go on; raises Invalid."""
    key, file_id = _read(text, Sort.RELEVANCE)
    return Place(_number(key), file_id)


def write_key(sort: Sort, key: str, file_id: UUID) -> str:
    """The cursor after a file of a sorted list."""
    return _written(sort, key, file_id)


def read_key(text: str, sort: Sort) -> tuple[str, UUID]:
    """The key, as Postgres writes it, and the id of the file after which to go on; raises Invalid."""
    key, file_id = _read(text, sort)
    if sort is Sort.DURATION:
        _number(key)
    if sort is Sort.CAPTURED and key != "-infinity":
        try:
            datetime.fromisoformat(key)
        except ValueError as error:
            raise Invalid(FOREIGN) from error
    if "\x00" in key:
        raise Invalid(FOREIGN)
    return key, file_id


def _written(sort: Sort, key: str, file_id: UUID) -> str:
    return write_place(json.dumps([sort, key, str(file_id)]).encode())


def _read(text: str, sort: Sort) -> tuple[str, UUID]:
    try:
        told, key, file_id = json.loads(read_place(text).decode())
        key.encode()
        place = key, UUID(file_id)
    except (ValueError, TypeError, AttributeError) as error:
        raise Invalid(FOREIGN) from error
    if told != sort:
        raise Invalid("The cursor is of a list that is sorted otherwise; begin at the first page, without a cursor.")
    return place


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise Invalid(FOREIGN) from error
    if not math.isfinite(number):
        raise Invalid(FOREIGN)
    return number
