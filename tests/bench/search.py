"""`./spillway bench search`: by meaning beside hnswlib and sqlite-vec, under filters, by words beside tantivy, over HTTP.

All sides have the same vectors, or texts, and are asked the same questions, one after another, by one client. A time without
its recall says nothing: indexes are compared where each finds 0.95 of the truth, which is had by comparing every vector.
"""

import sys
from collections.abc import Callable, Sequence

from shared.minilm import DIMENSIONS
from tests.bench import search_http, search_inserts, search_vectors, search_words
from tests.bench.command import carried_out
from tests.bench.conditions import conditions
from tests.bench.report import Report, Section
from tests.bench.search_library import Kind
from tests.bench.search_platform import Filled, Size, filled

PACKAGES = ("hnswlib", "sqlite-vec", "apsw", "tantivy", "psycopg", "granian")


def run(size: Size, report: Callable[[str], None]) -> Report:
    """Fill a platform of its own with each kind of vectors, and measure."""
    sections: list[Section] = []
    with filled(size, Kind.HARD, report) as library:
        sections += vector_sections(library, report)
    with filled(size, Kind.CLUSTERED, report) as library:
        sections += vector_sections(library, report)
        sections.append(search_words.section(library, report))
        if library.made.dimensions == DIMENSIONS:
            sections.append(search_http.section(library, report))
        if size.inserts:
            sections.append(search_inserts.section(library, report))
    return Report("search", {**vars(size), **conditions(PACKAGES)}, sections)


def vector_sections(library: Filled, report: Callable[[str], None]) -> list[Section]:
    """Everything that is asked by meaning alone."""
    return [part(library, report) for part in (search_vectors.beside, search_vectors.filtered, search_vectors.together)]


def main(argv: Sequence[str]) -> int:
    """Run from the command line; 0 when every bar is met."""
    return carried_out("search", __doc__, Size, run, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
