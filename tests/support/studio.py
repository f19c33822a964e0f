"""Files with renditions that models can look at, and the nova service's hold on a Bedrock of ours."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from services.nova import repository
from services.nova.analyst import Analysis
from services.nova.analysts import Analysts
from services.nova.bedrock.app import analyst_of
from services.nova.handlers import Resources, on_analysis_wanted
from services.nova.local.analyst import LocalAnalyst
from shared import stages
from shared.bedrock.client import Bedrock
from shared.contracts import Kind, NovaRequested, Stage
from shared.identifiers import new_id
from shared.models.bedrock_settings import BedrockSettings
from shared.paying.asking import PaidCalls
from shared.service import Platform
from tests.support.bedrock import FakeBedrock
from tests.support.footage import Footage, add_footage
from tests.support.media import run_ffmpeg, tiny_photo

RENDITION = """
    INSERT INTO renditions (file_id, name, revision, key, content_type, bytes, width, height, duration)
    VALUES (%(file_id)s, %(name)s, 1, %(key)s, %(type)s, %(bytes)s, %(width)s, %(height)s, %(duration)s)
"""
LASTING = "UPDATE files SET duration = %(duration)s WHERE id = %(file_id)s"
SHOTS = "INSERT INTO shots (file_id, revision, cuts) VALUES (%(file_id)s, 1, %(cuts)s)"
RUNS = "SELECT * FROM analysis_runs WHERE file_id = %s ORDER BY started_at"
CALLS = "SELECT * FROM model_calls ORDER BY begun_at"


def clip(path: Path, seconds: float) -> Path:
    """A proxy as ours are: 15 frames a second, a key frame every five seconds."""
    picture = f"testsrc=size=64x48:rate=15:duration={seconds}"
    run_ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "libx264", "-preset", "ultrafast", "-g", "75", "-pix_fmt", "yuv420p", path)
    return path


def noise(path: Path, seconds: float) -> Path:
    """A proxy that cannot be packed: every point of every frame is another."""
    picture = f"nullsrc=size=320x240:rate=15:duration={seconds},geq=random(1)*255:128:128"
    run_ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", path)
    return path


@dataclass(frozen=True)
class Studio:
    """The nova service's analyses, beside the servers that they need."""

    platform: Platform
    bedrock: FakeBedrock
    settings: BedrockSettings
    folder: Path

    def resources(self, usual_model: str = "lite") -> Resources:
        """As a process that was started just now has them."""
        asker = PaidCalls(self.platform.database, lease=2.0)
        analyst = analyst_of(self.platform, self.settings, Bedrock(self.settings), asker)
        return Resources(self.platform.database, self.platform.effects, Analysts(LocalAnalyst(), analyst), usual_model)

    def with_settings(self, **others: Any) -> "Studio":
        """The same with other settings of Bedrock."""
        return replace(self, settings=self.settings.model_copy(update=others))

    async def video(self, seconds: float, *sentences: str, cuts: tuple[float, ...] = (), proxy: Path | None = None) -> Footage:
        """A video of so many seconds."""
        made = proxy or clip(self.folder / f"{seconds}.mp4", seconds)
        footage = await self._file(Kind.VIDEO, *sentences)
        await self._rendered(footage.id, "proxy", made, "video/mp4", 64, 48, seconds)
        async with self.platform.database.transaction() as connection:
            await connection.execute(LASTING, {"file_id": footage.id, "duration": seconds})
            await connection.execute(SHOTS, {"file_id": footage.id, "cuts": list(cuts)})
        return footage

    async def image(self) -> Footage:
        """An image of 160 by 120 pixels."""
        footage = await self._file(Kind.IMAGE)
        await self._rendered(footage.id, "image", tiny_photo(self.folder / f"{footage.id}.jpg"), "image/jpeg", 160, 120, None)
        return footage

    async def sound(self, *sentences: str) -> Footage:
        """A sound file in which these are said."""
        return await self._file(Kind.AUDIO, *sentences)

    async def analyse(self, footage: Footage, resources: Resources | None = None, **options: Any) -> Analysis:
        """What the file's analysis is once one more is done, by a process that was started just now."""
        event = await self.asked(footage, **options)
        await on_analysis_wanted(event, resources or self.resources())
        return await self.current(footage)

    async def asked(self, footage: Footage, **options: Any) -> NovaRequested:
        """The event of somebody who asks, with the stage that waits for it."""
        event = NovaRequested(
            file_id=footage.id, revision=footage.revision, kind=footage.kind, run_id=new_id(), options=options
        )
        async with self.platform.database.transaction() as connection:
            await stages.reopen(connection, Stage.ANALYSE, [footage.id], event.run_id)
        return event

    async def current(self, footage: Footage) -> Analysis:
        """The file's analysis."""
        async with self.platform.database.connection() as connection:
            analysis = await repository.load_analysis(connection, footage.transcribed)
        assert analysis is not None
        return analysis

    async def runs(self, footage: Footage) -> list[dict[str, Any]]:
        """The rows of its runs."""
        return await self._rows(RUNS, (footage.id,))

    async def ledger(self) -> list[dict[str, Any]]:
        """Every paid call."""
        return await self._rows(CALLS, ())

    async def _rows(self, statement: str, values: tuple[Any, ...]) -> list[dict[str, Any]]:
        async with (
            self.platform.database.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(statement.encode(), values)
            return await cursor.fetchall()

    async def _file(self, kind: Kind, *sentences: str) -> Footage:
        path = f"/films/Smith Residence/{kind}_grotto_{new_id()}.bin"
        async with self.platform.database.transaction() as connection:
            return await add_footage(connection, *sentences, kind=kind, path=path)

    async def _rendered(
        self, file_id: UUID, name: str, path: Path, kind: str, width: int, height: int, duration: float | None
    ) -> None:
        key = f"tests/{file_id}/{path.name}"
        await self.platform.blobs.put_file(path, key, kind)
        values = {
            "file_id": file_id,
            "name": name,
            "key": key,
            "type": kind,
            "bytes": await self.platform.blobs.size(key),
            "width": width,
            "height": height,
            "duration": duration,
        }
        async with self.platform.database.transaction() as connection:
            await connection.execute(RENDITION, values)
