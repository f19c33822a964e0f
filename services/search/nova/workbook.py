"""Writes sheets as an Excel workbook, row by row: memory stays flat however many files there are."""

import re
from collections.abc import Iterable, Sequence
from typing import IO

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from services.search.nova.sheets import Analysed, Row, Sheet, Value

MOST_ROWS = 1_048_576
"""Rows that a sheet can have, the heading among them (the file format's limit)."""
MOST_CHARACTERS = 32_767
"""UTF-16 units that a cell can hold (likewise)."""
CUT = "\N{HORIZONTAL ELLIPSIS}"
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML cannot hold."""
WIDTH = 24.0
"""Characters that a column shows."""
MARKUP = ("<r>", "</r>")
"""What a text must not begin and end with: XlsxWriter would take it for markup of its own, and write it unescaped."""

OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,  # a name that begins with = is a name
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}


class Workbook:
    """A workbook under way; it is written when it is closed."""

    def __init__(self, file: IO[bytes], sheets: Sequence[Sheet], *, most_rows: int = MOST_ROWS) -> None:
        self._book = xlsxwriter.Workbook(file, OPTIONS)
        self._most_rows = most_rows
        bold = self._book.add_format({"bold": True})
        self._pages = [Page(self._book.add_worksheet(sheet.name), sheet) for sheet in sheets]
        for page in self._pages:
            page.head(bold)

    def add_all(self, files: Iterable[Analysed]) -> None:
        """Write what is known of these files."""
        for file in files:
            for page in self._pages:
                for row in page.sheet.rows(file):
                    page.add(row, self._most_rows)

    def close(self) -> None:
        """Say what did not fit, and write the workbook."""
        notes = [note for page in self._pages for note in page.notes(self._most_rows)]
        if notes:
            sheet = self._book.add_worksheet("Notes")
            for place, note in enumerate(notes):
                sheet.write_string(place, 0, note)
        self._book.close()


class Page:
    """A sheet under way, and what did not fit on it."""

    def __init__(self, worksheet: Worksheet, sheet: Sheet) -> None:
        self.sheet = sheet
        self._worksheet = worksheet
        self._row = 0
        self._cut = 0
        self._left_out = 0

    def head(self, bold: object) -> None:
        """Write the heading, which stays in sight."""
        self._worksheet.set_column(0, len(self.sheet.columns) - 1, WIDTH)
        self._worksheet.freeze_panes(1, 0)
        for column, title in enumerate(self.sheet.columns):
            self._worksheet.write_string(0, column, title, bold)
        self._row = 1

    def add(self, row: Row, most_rows: int) -> None:
        """Write a row, if there is room."""
        if self._row >= most_rows:
            self._left_out += 1
            return
        for column, value in enumerate(row):
            self._cell(column, value)
        self._row += 1

    def notes(self, most_rows: int) -> list[str]:
        """What did not fit, in sentences."""
        found = []
        if self._left_out:
            found.append(
                f"{self.sheet.name}: {self._left_out} rows did not fit; a sheet holds {most_rows}. Export fewer files."
            )
        if self._cut:
            found.append(
                f"{self.sheet.name}: {self._cut} texts were cut at {MOST_CHARACTERS} characters. The JSON export has all."
            )
        return found

    def _cell(self, column: int, value: Value) -> None:
        if value is None:
            return
        if isinstance(value, int | float) and not isinstance(value, bool):
            self._worksheet.write_number(self._row, column, value)
            return
        text, cut = fitted(str(value))
        self._cut += cut
        self._worksheet.write_string(self._row, column, text)


def fitted(text: str) -> tuple[str, bool]:
    """The text as a cell can hold it, and whether it had to be cut."""
    clean = UNWRITABLE.sub("", text)
    if clean.startswith(MARKUP[0]) and clean.endswith(MARKUP[1]):
        clean += " "
    units = clean.encode("utf-16-le")
    if len(units) <= 2 * MOST_CHARACTERS:
        return clean, False
    return units[: 2 * (MOST_CHARACTERS - 1)].decode("utf-16-le", "ignore") + CUT, True
