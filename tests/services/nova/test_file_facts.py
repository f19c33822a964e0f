"""What the library is filtered by follows the latest analysis."""

import pytest

from services.nova.analyst import Analysis, Classification, Decision, Made, Project, SearchMetadata
from services.nova.provenance import Evidence, Fact, Source
from services.nova.repository import save_analysis
from shared.database import Connection, Database
from tests.support.footage import Footage, add_footage

pytestmark = pytest.mark.connected

SAID = (Evidence(source=Source.PATH, phrase="as written"),)
FILLED = """
    SELECT field, normalized, value FROM analyses CROSS JOIN LATERAL analysis_facts(result) AS found WHERE file_id = %s
"""


def analysis(family: str, customer: str) -> Analysis:
    decided = {"family": Decision(value=family), "tier_level": Decision(value="Unknown", unknown_reason="Nothing says.")}
    return Analysis(
        model="local",
        version="1",
        made=dict.fromkeys(("waterfall_classification", "search_metadata"), Made(model="local", version="1")),
        waterfall_classification=Classification(taxonomy="waterfall", taxonomy_version=1, dimensions=decided, confidence=1),
        search_metadata=SearchMetadata(
            project=Project(customer_name=Fact(value=customer, evidence=SAID, confidence=1)), keywords=("pond",)
        ),
    )


async def facts(connection: Connection, footage: Footage) -> set[tuple[str, str, str]]:
    cursor = await connection.execute("SELECT field, normalized, value FROM file_facts WHERE file_id = %s", (footage.id,))
    return set(await cursor.fetchall())


async def test_facts_are_kept_and_replaced(database: Database) -> None:
    async with database.transaction() as connection:
        footage = await add_footage(connection, "Hello.")
        await save_analysis(connection, footage.transcribed, analysis("Custom Formal", "  Anna\t SMITH"))
        assert await facts(connection, footage) == {
            ("family", "custom formal", "Custom Formal"),
            ("customer", "anna smith", "  Anna\t SMITH"),
            ("has", "classification", "classification"),
            ("has", "metadata", "metadata"),
        }
        await save_analysis(connection, footage.transcribed, analysis("Genesis Formal", "Jones"))
        kept = {(field, value) for field, _, value in await facts(connection, footage) if field != "has"}
        assert kept == {("family", "Genesis Formal"), ("customer", "Jones")}


async def test_what_is_filled_in_for_older_analyses_is_the_same(database: Database) -> None:
    async with database.transaction() as connection:
        footage = await add_footage(connection, "Hello.")
        await save_analysis(connection, footage.transcribed, analysis("Custom Formal", "Smith"))
        cursor = await connection.execute(FILLED, (footage.id,))
        assert set(await cursor.fetchall()) == await facts(connection, footage)
