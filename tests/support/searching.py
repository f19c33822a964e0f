"""A small library to be searched in many ways."""

from uuid import UUID

from shared.contracts import Kind
from shared.database import Database
from tests.support.footage import add_searchable

CLIENTS = "/home/ann/Clients"
ABOUT = """
    UPDATE files SET captured_at = %(captured_at)s, duration = %(duration)s, size = %(size)s, latitude = %(latitude)s,
                     longitude = %(longitude)s
    WHERE id = %(id)s
"""
LANGUAGE = "UPDATE transcripts SET language = %s WHERE file_id = %s"


async def describe(
    database: Database,
    file_id: UUID,
    *,
    captured_at: str | None = None,
    duration: float | None = None,
    size: int = 1,
    place: tuple[float | None, float | None] = (None, None),
) -> None:
    """What a camera and a disk say of a file; the place in degrees."""
    latitude, longitude = place
    values = {"captured_at": captured_at, "duration": duration, "size": size, "latitude": latitude, "longitude": longitude}
    async with database.connection() as connection:
        await connection.execute(ABOUT, {**values, "id": file_id})


async def library(database: Database) -> dict[str, UUID]:
    """Two building films, a party and a photo, by short names."""
    smith = await add_searchable(
        database,
        "We build a custom grotto of natural boulders with a slide, designed for this site.",
        "After lunch the waterfall runs for the first time.",
        path=f"{CLIENTS}/Smith Residence - job_2024_0812/grotto.mp4",
        camera="Canon EOS R8",
        thumbnail=True,
    )
    jones = await add_searchable(
        database,
        "Today we dig the pond with a small excavator.",
        "The waterfall is dry until the pump comes.",
        path=f"{CLIENTS}/Jones 50%/pond build.mp4",
        camera="GoPro HERO12",
    )
    party = await add_searchable(database, "Cut the chocolate cake.", path="/home/ann/Birthday/party.mp4")
    photo = await add_searchable(database, path="/home/ann/Photos/waterfall.jpg", kind=Kind.IMAGE, camera="Canon EOS R8")
    await describe(database, smith.id, captured_at="2024-08-12T10:00Z", duration=60, size=1000, place=(47.37, 8.54))
    await describe(database, jones.id, captured_at="2023-05-01T10:00Z", duration=30, size=2000, place=(47.38, 8.55))
    await describe(database, party.id, duration=10)
    await describe(database, photo.id, captured_at="2024-09-01T10:00Z", place=(-33.86, 151.21))
    async with database.connection() as connection:
        await connection.execute(LANGUAGE, ("de", jones.id))
    return {"smith": smith.id, "jones": jones.id, "party": party.id, "photo": photo.id}
