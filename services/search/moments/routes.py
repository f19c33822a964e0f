"""GET /api/search: moments that answer a query, and the files they are in."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from services.search.identity.asking import Asking
from services.search.moments import grammar, grouping, matching, search_cursors
from services.search.moments.filter_params import Filtered
from services.search.moments.grammar import Asked
from services.search.moments.grouping import Group
from services.search.moments.looking import hits_of
from services.search.moments.matching import Sort
from services.search.moments.queries import Unembedded, fit
from services.search.moments.ranking import Answer, answers
from services.search.moments.repository import Question
from services.search.moments.telling import file_of, moment_of
from services.search.resources import Provided, Resources
from services.search.schemas import SearchAnswer
from shared.analyses import NOBODY

LONGEST = 2000
"""Characters of a query: the embedder reads no more."""
HITS_OF_PAGE = 500
"""Hits of each kind of search in a page of files that are sorted by something else: a few for every file."""
NOTHING = "There is no word in this to search for."

router = APIRouter(tags=["search"])


@dataclass(frozen=True)
class Wish:
    """How a question is to be answered."""

    limit: int
    semantic: bool
    threshold: float | None
    sort: Sort
    cursor: str | None
    requested_by: str = NOBODY
    """In whose name the query's vector is paid for, if it costs anything."""


@dataclass(frozen=True)
class Search:
    """A search as somebody asks for it: in words, as a question, and how it is to be answered."""

    q: str
    question: Question
    wish: Wish
    facets: bool


@dataclass(frozen=True)
class Page:
    """A page of an answer."""

    answers: Sequence[Answer] = ()
    groups: Sequence[Group] = ()
    next_cursor: str | None = None
    notes: tuple[str, ...] = ()


async def asked_for(
    wanted: Filtered,
    q: Annotated[
        str,
        Query(max_length=LONGEST, description='Words, "phrases", begin*, -without, field:value; or a description.'),
    ] = "",
    limit: Annotated[int, Query(ge=1, le=100, description="Moments, and files of a page, at most.")] = 20,
    semantic: Annotated[bool, Query(description="Whether to search by meaning too.")] = True,
    threshold: Annotated[
        float | None, Query(ge=-1, le=1, description="Cosine from which a moment is found by meaning.")
    ] = None,
    sort: Annotated[
        Sort | None,
        Query(description="Default: relevance where words are given. Sorted otherwise, files have all the words."),
    ] = None,
    cursor: Annotated[
        str | None, Query(max_length=search_cursors.LONGEST, description="`next_cursor` of the page before.")
    ] = None,
    facets: Annotated[bool, Query(description="Whether to count what there is of each kind, camera, family, ...")] = False,
) -> Search:
    """The search that the parameters of a URL mean; raises Invalid."""
    asked = grammar.read(fit(q)) if q or wanted.is_everything else Asked()
    question = Question(asked, replace(wanted, said=asked.conditions))
    return Search(q, question, Wish(limit, semantic, threshold, order(asked, sort), cursor), facets)


Searched = Annotated[Search, Depends(asked_for)]
"""A route's parameter for the search that is asked for."""


@router.get("/api/search", response_model=SearchAnswer)
async def search(resources: Provided, asking: Asking, asked: Searched) -> JSONResponse:
    """The moments that answer a query best, by words, by meaning, and by names that look alike; and the files they are in."""
    return JSONResponse(await answered(asked, resources, asking.name))


async def answered(search: Search, resources: Resources, requested_by: str) -> dict[str, Any]:
    """What a search of this person is answered with; the field names are those of `SearchAnswer`."""
    began = time.perf_counter()
    question, limit = search.question, search.wish.limit
    asked = question.asked
    if not asked.terms and question.wanted.is_everything:
        page, counted = Page(notes=(NOTHING,)), None
    else:
        page = await page_of(question, replace(search.wish, requested_by=requested_by), resources)
        counted = await facets_of(question, page, resources) if search.facets else None
    return {
        "q": search.q,
        "took_ms": round((time.perf_counter() - began) * 1000, 1),
        "moments": [moment_of(answer) for answer in page.answers[:limit]],
        "files": [file_of(group) for group in page.groups],
        "next_cursor": page.next_cursor,
        "facets": counted,
        "note": " ".join((*asked.notes, *page.notes)) or None,
    }


def order(asked: Asked, sort: Sort | None) -> Sort:
    """What answers are sorted by: nothing is relevant where nothing is looked for."""
    if asked.meant:
        return sort or Sort.RELEVANCE
    return sort if sort and sort is not Sort.RELEVANCE else Sort.CAPTURED


async def page_of(question: Question, wish: Wish, resources: Resources) -> Page:
    """A page of files with their moments, by relevance or sorted otherwise."""
    found = by_relevance if wish.sort is Sort.RELEVANCE else listed
    return await found(question, wish, resources)


async def by_relevance(question: Question, wish: Wish, resources: Resources) -> Page:
    """The best that each kind of search finds, fused."""
    after = search_cursors.read_score(wish.cursor) if wish.cursor else None
    semantic = wish.semantic
    notes: tuple[str, ...] = ()
    try:
        hits = await hits_of(question, resources, wish.threshold, semantic=semantic, requested_by=wish.requested_by)
    except Unembedded as error:
        semantic, notes = False, (str(error),)
        hits = await hits_of(question, resources, wish.threshold, semantic=False)
    found = answers(hits, semantic=semantic)
    rest = grouping.after(grouping.by_score(found), after)
    groups = rest[: wish.limit]
    following = search_cursors.write_score(groups[-1].place) if len(rest) > len(groups) else None
    # The first page has the best moments of all files, as many as were asked for; later ones those of their files.
    of_page = {group.file.id for group in groups}
    told = [answer for answer in found if answer.hit.file_id in of_page] if after else found
    return Page(told, groups, following, notes)


async def listed(question: Question, wish: Wish, resources: Resources) -> Page:
    """Files with all the words, or all that fit the filter, sorted; each with its best moments."""
    after = search_cursors.read_key(wish.cursor, wish.sort) if wish.cursor else None
    async with resources.platform.database.connection() as connection:
        rows = await matching.page(connection, question, wish.sort, after, wish.limit + 1)
    files, more = rows[: wish.limit], len(rows) > wish.limit
    of_page = replace(question, wanted=replace(question.wanted, files=[file.id for file in files]), places=HITS_OF_PAGE)
    found = answers(await hits_of(of_page, resources, None, semantic=False), semantic=False) if files else []
    groups = grouping.in_order(files, found)
    following = search_cursors.write_key(wish.sort, files[-1].key, files[-1].id) if more else None
    return Page([answer for group in groups for answer in group.answers], groups, following)


async def facets_of(question: Question, page: Page, resources: Resources) -> dict[str, Any]:
    """What there is among everything that is matched, those included that are found by meaning alone."""
    found = list({answer.hit.file_id for answer in page.answers})
    async with resources.platform.database.connection() as connection:
        return await matching.facets(connection, question, found)
