"""The filter of a search as parameters of a URL."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query
from pydantic import AwareDatetime, StringConstraints

from services.search.moments.filters import Has, Near, Wanted
from services.search.moments.queries import fit
from shared.contracts import Kind
from shared.errors import Invalid

PLACE = "Give the place as near=LATITUDE,LONGITUDE,KILOMETRES, for example near=47.37,8.54,5."
LARGEST = 2**62

Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Texts = Annotated[list[Text] | None, Query(max_length=50)]
Seconds = Annotated[float | None, Query(ge=0, le=1e9, description="Seconds.")]
Bytes = Annotated[int | None, Query(ge=0, le=LARGEST, description="Bytes.")]


async def filter_of(
    kind: Annotated[list[Kind] | None, Query(description="Only files of these kinds.")] = None,
    captured_from: Annotated[AwareDatetime | None, Query(description="Recorded then or later.")] = None,
    captured_to: Annotated[AwareDatetime | None, Query(description="Recorded before then.")] = None,
    duration_min: Seconds = None,
    duration_max: Seconds = None,
    size_min: Bytes = None,
    size_max: Bytes = None,
    folder: Annotated[str | None, Query(max_length=4096, description="A folder, in full; those below it count.")] = None,
    language: Texts = None,
    camera: Annotated[list[Text] | None, Query(max_length=50, description="Part of the camera's name.")] = None,
    near: Annotated[str | None, Query(max_length=100, description=PLACE)] = None,
    has: Annotated[list[Has] | None, Query(description="What the files have.")] = None,
    has_not: Annotated[list[Has] | None, Query(description="What they have not.")] = None,
    family: Texts = None,
    tier: Texts = None,
    functional_type: Annotated[list[Text] | None, Query(alias="type", max_length=50)] = None,
    subtype: Texts = None,
    customer: Texts = None,
    project: Annotated[list[Text] | None, Query(max_length=50, description="A project's name, code or job number.")] = None,
    tag: Annotated[list[Text] | None, Query(max_length=50, description="A tag's name; files have all that are given.")] = None,
    collection: Annotated[list[Text] | None, Query(max_length=50, description="A collection's name or id.")] = None,
) -> Wanted:
    """Which files are meant; raises Invalid for what cannot be read."""
    return Wanted(
        kinds=kind or (),
        captured_from=_storable(captured_from),
        captured_to=_storable(captured_to),
        duration_min=duration_min,
        duration_max=duration_max,
        size_min=size_min,
        size_max=size_max,
        folder=fit(folder) if folder else None,
        languages=_fit(language),
        cameras=_fit(camera),
        near=near_of(near) if near else None,
        has=has or (),
        has_not=has_not or (),
        family=_fit(family),
        tier=_fit(tier),
        type=_fit(functional_type),
        subtype=_fit(subtype),
        customer=_fit(customer),
        project=_fit(project),
        tags=_fit(tag),
        collections=_fit(collection),
    )


Filtered = Annotated[Wanted, Depends(filter_of)]
"""A route's parameter for the files that are meant."""


def near_of(text: str) -> Near:
    """A place as people write it; raises Invalid."""
    try:
        latitude, longitude, km = (float(number) for number in text.split(","))
    except ValueError as error:
        raise Invalid(PLACE) from error
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180 and 0 < km <= 20_100):
        raise Invalid(f"There is no such place. {PLACE}")
    return Near(latitude, longitude, km)


def _fit(texts: list[str] | None) -> tuple[str, ...]:
    return tuple(fit(text) for text in texts or ())


def _storable(moment: datetime | None) -> datetime | None:
    """The moment; raises Invalid for one at the edge of the calendar, which in another time zone has no year."""
    if moment is not None and not 2 <= moment.year <= 9998:
        raise Invalid("Give dates between the years 2 and 9998.")
    return moment
