from services.ingest.outcome import Candidate, Description, Inspected
from services.ingest.scans.examining import UnderWay
from shared.contracts import Kind


def read(path: bytes, size: int) -> Inspected:
    return Inspected(path, size, 1, b"a" * 32, Description(Kind.IMAGE))


def test_a_file_is_not_first_while_one_of_its_size_that_sorts_before_it_is_out() -> None:
    out = UnderWay()
    out.begin([Candidate(b"/a", 7), Candidate(b"/b", 8), Candidate(b"/c", 7)])
    assert out.is_first(read(b"/b", 8))
    out.end([read(b"/c", 7)])
    assert not out.is_first(read(b"/c", 7))
    out.end([read(b"/a", 7)])
    assert out.is_first(read(b"/c", 7))


def test_nothing_is_kept_of_files_that_have_come_back() -> None:
    out = UnderWay()
    out.begin([Candidate(b"/a", 7)])
    out.end([read(b"/a", 7)])
    assert vars(out) == {"_paths": {}, "_sizes": {}}
