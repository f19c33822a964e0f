"""Exports: opened again with another library than wrote them."""

import io
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import openpyxl
import pytest
from openpyxl.workbook import Workbook as Read

from services.search.nova.sheets import Sheet, clock, evidence, sheets
from services.search.nova.workbook import CUT, MOST_CHARACTERS, Workbook, fitted
from shared import stages
from shared.contracts import Stage, StageState
from shared.database import Database
from shared.service import Platform
from tests.services.search.nova.asking import problem
from tests.support.analysed import AT, EVERYTHING, add_analysis, add_call, add_run, passage, result
from tests.support.asking import dispatched, file_at
from tests.support.library import about

ODD = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "https://evil.example", "007", "<r>&</r>", "_x0041_", " x ")


def written(sheet: Sheet, *files: dict[str, Any], **options: int) -> Read:
    file = io.BytesIO()
    book = Workbook(file, [sheet], **options)
    book.add_all(files)
    book.close()
    return openpyxl.load_workbook(file)


def rows_of(book: Read, name: str) -> list[dict[str, Any]]:
    head, *rows = book[name].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def given(*columns: str) -> Sheet:
    return Sheet("S", columns, lambda file: iter(file["rows"]))


def test_text_is_text_whatever_it_begins_with() -> None:
    book = written(given("Text"), {"rows": [(text,) for text in ODD]})
    cells = [row[0] for row in book["S"].iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert all(cell.hyperlink is None for cell in cells)
    told = [str(cell.value) for cell in cells]
    assert told[:4] == list(ODD[:4])
    assert told[6:8] == list(ODD[6:8])
    assert told[8].rstrip() == ODD[8]
    assert told[10] == ODD[10]


def test_numbers_are_numbers_and_nothing_is_nothing() -> None:
    [row] = rows_of(written(given("A", "B", "C"), {"rows": [(1.5, 2, None)]}), "S")
    assert row == {"A": 1.5, "B": 2, "C": None}


def test_a_cell_holds_what_it_can_and_the_notes_say_so() -> None:
    long = "\N{PILE OF POO}" * MOST_CHARACTERS
    book = written(given("Text"), {"rows": [(long,), ("a\x00\x0bb\ufffe",)]})
    first, second = (row["Text"] for row in rows_of(book, "S"))
    assert len(first.encode("utf-16-le")) // 2 <= MOST_CHARACTERS
    assert first.endswith(CUT)
    assert second == "ab"
    assert [row[0] for row in book["Notes"].iter_rows(values_only=True)] == [
        "S: 1 texts were cut at 32767 characters. The JSON export has all."
    ]
    assert fitted("x" * MOST_CHARACTERS) == ("x" * MOST_CHARACTERS, False)
    assert fitted("x" * (MOST_CHARACTERS + 1))[1]


def test_a_sheet_has_the_rows_that_it_can_have() -> None:
    book = written(given("N"), {"rows": [(number,) for number in range(5)]}, most_rows=3)
    assert [row["N"] for row in rows_of(book, "S")] == [0, 1]
    assert book["Notes"]["A1"].value == "S: 3 rows did not fit; a sheet holds 3. Export fewer files."


def test_evidence_is_told_with_source_and_time() -> None:
    pieces: list[dict[str, Any]] = [
        {"source": "path", "phrase": "Smith"},
        {"source": "visual", "phrase": "a pump", "start": 3723.9},
    ]
    assert evidence(pieces) == "path: Smith; visual 1:02:03: a pump"
    assert clock(59.9) == "0:00:59"


def test_every_sheet_has_as_many_cells_as_columns() -> None:
    found = result(description=passage("A pond."), transcript_summary=passage("They dig."))
    call = dict.fromkeys(
        (
            *("purpose", "state", "model", "model_id", "request_id", "input_tokens", "output_tokens", "cache_read_tokens"),
            *("usd", "latency_ms", "stop_reason", "requested_by", "begun_at", "ended_at", "analysis_run_id"),
        )
    )
    known = dict.fromkeys(("duration", "width", "height", "captured_at", "camera", "analysed_at"))
    file = {"path": "/a", "kind": "video", "file_id": "1", "result": found, "calls": [call], **known}
    for sheet in sheets(("family", "tier_level")):
        rows = list(sheet.rows(file))
        assert rows, sheet.name
        assert {len(row) for row in rows} == {len(sheet.columns)}, sheet.name
        assert not [row for row in sheet.rows({**file, "result": None, "calls": []}) if sheet.name != "Files"]


@pytest.mark.connected
class TestRoutes:
    @pytest.fixture
    async def job(self, platform: Platform, database: Database) -> UUID:
        """A job about a film that is done, and a photo besides that was analysed by nobody."""
        async with database.transaction() as connection:
            film = await file_at(connection, "/films/=film.mp4", duration=62.0)
            other = await file_at(connection, "/films/other.mp4")
            await add_analysis(connection, other, found=result("local", "7"))
            await file_at(connection, "/films/bare.mp4")
        job_id = await dispatched(platform, Stage.ANALYSE, file_ids=[film], force=True)
        async with database.transaction() as connection:
            run_id = await add_run(connection, film, job_id, analyses=EVERYTHING)
            await add_analysis(connection, film, run_id)
            await add_call(connection, film, run_id, usd=0.25)
            await add_call(connection, film, usd=0.5, at=AT + timedelta(days=1))
            await stages.settle(connection, about(film, run_id=job_id), Stage.ANALYSE, StageState.DONE)
        return job_id

    async def workbook(self, http: httpx.AsyncClient, path: str, **params: str) -> Read:
        response = await http.get(path, params={"format": "xlsx", **params})
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].endswith("spreadsheetml.sheet")
        assert ".xlsx" in response.headers["content-disposition"]
        return openpyxl.load_workbook(io.BytesIO(response.content))

    async def test_a_workbook_has_a_sheet_for_each_kind_of_result(self, http: httpx.AsyncClient, job: UUID) -> None:
        book = await self.workbook(http, f"/api/nova/results/{job}/export")
        assert book.sheetnames == [
            *("Files", "Summary", "Chapters", "Elements", "Description", "Search metadata", "Entities"),
            *("Classification", "Cost"),
        ]
        [file] = rows_of(book, "Files")
        assert (file["Path"], file["Kind"], file["Model"], file["Seconds"]) == ("/films/=film.mp4", "video", "2-lite", 62)
        assert [(row["Length"], row["Summary"]) for row in rows_of(book, "Summary")] == [
            ("brief", "A pump goes in."),
            ("detailed", "A pump is set into a vault."),
        ]
        [chapter] = rows_of(book, "Chapters")
        assert (chapter["From"], chapter["To"], chapter["End s"], chapter["As told: start s"]) == (
            "0:00:00",
            "0:01:01",
            61,
            0.5,
        )
        [placed] = rows_of(book, "Classification")
        assert (placed["Family"], placed["Family: confidence"], placed["Family: reason"]) == ("Genesis Natural", 0.8, None)
        assert (placed["Tier level"], placed["Tier level: reason"]) == ("Unknown", "Nothing shows its size.")
        assert placed["Tags"] == "boulder; pump"
        found = {(row["Field"], row["Value"]) for row in rows_of(book, "Search metadata")}
        assert found == {
            ("project.customer_name", "Smith"),
            ("water_feature.type_keywords", "grotto"),
            ("date.capture", "2024-08"),
            ("keyword", "pump"),
        }
        assert [row["Normalised"] for row in rows_of(book, "Entities")] == ["smith"]
        assert [row["USD"] for row in rows_of(book, "Cost")] == [0.25]

    async def test_a_selection_is_exported_with_all_that_was_paid(self, http: httpx.AsyncClient, job: UUID) -> None:
        book = await self.workbook(http, "/api/nova/export", folder="/films")
        assert [row["Path"] for row in rows_of(book, "Files")] == ["/films/=film.mp4", "/films/other.mp4"]
        assert [row["USD"] for row in rows_of(book, "Cost")] == [0.25, 0.5]
        assert rows_of(await self.workbook(http, "/api/nova/export", q="nothing"), "Files") == []

    async def test_json_has_everything(self, http: httpx.AsyncClient, job: UUID) -> None:
        response = await http.get("/api/nova/export?format=json")
        assert response.headers["content-length"] == str(len(response.content))
        film, other = json.loads(response.content)["files"]
        assert film["analysis"] == result()
        assert [call["usd"] for call in film["calls"]] == [0.25, 0.5]
        assert other["analysis"]["model"] == "local"
        [only] = (await http.get(f"/api/nova/results/{job}/export")).json()["files"]
        assert [call["usd"] for call in only["calls"]] == [0.25]
        assert (await http.get("/api/nova/export?q=nothing")).json() == {"files": []}

    async def test_formats_that_are_not_there_are_refused(self, http: httpx.AsyncClient, job: UUID) -> None:
        await problem(await http.get("/api/nova/export?format=pdf"), 422)
