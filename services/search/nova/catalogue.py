"""The catalogue of models, with what the provider said of it when it was asked last."""

from datetime import datetime

from shared.database import Connection
from shared.models.bedrock_settings import BedrockSettings
from shared.models.catalogue import Catalogue, load
from shared.models.refresh import PROVIDER, load_saved

READ_AT = "SELECT read_at FROM catalogue_refreshes WHERE provider = %(provider)s"


class Catalogues:
    """The catalogue as it is now; it is read again only when the provider was asked again."""

    def __init__(self) -> None:
        self._kept: tuple[datetime | None, Catalogue] | None = None

    async def current(self, connection: Connection, settings: BedrockSettings) -> Catalogue:
        """The models that there are; raises Invalid if the user's own file of models is wrong."""
        at = await refreshed_at(connection)
        if self._kept is None or self._kept[0] != at:
            self._kept = at, load(settings.model_catalogue, await load_saved(connection) if at else None)
        return self._kept[1]


async def refreshed_at(connection: Connection) -> datetime | None:
    """When the provider was asked last; None if it never was."""
    cursor = await connection.execute(READ_AT, {"provider": PROVIDER})
    row = await cursor.fetchone()
    return row[0] if row else None
