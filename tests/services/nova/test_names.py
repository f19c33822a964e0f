import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.nova.names import below, from_import, read_name, read_path, tokens


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("smith_residence", ("smith", "residence")),
        ("Smith-Pool.North (side)", ("Smith", "Pool", "North", "side")),
        ("SmithPoolGrotto", ("Smith", "Pool", "Grotto")),
        ("HTMLParser2Go", ("HTML", "Parser", "2", "Go")),
        ("grotto12ft", ("grotto", "12", "ft")),
        ("smithresidencegrotto", ("smithresidencegrotto",)),
        ("grotto_final_v2", ("grotto",)),
        ("grotto_EXPORT_edited_copy", ("grotto",)),
        ("grotto_1080p_30fps_4K", ("grotto",)),
        ("IMG_1234 pool", ("pool",)),
        ("DSCN0010", ()),
        ("PXL_20240812_101112", ()),
        ("Sam's pool", ("Sam", "s", "pool")),
        ("grotto_3f9a77bc01de4455", ("grotto",)),
        ("wasserfall_größe", ("wasserfall", "größe")),
        ("CASCADA_ÑANDÚ", ("CASCADA", "ÑANDÚ")),
        ("מפל_מים", ("מפל", "מים")),
        ("滝_2024", ("滝", "2024")),
        ("", ()),
        ("___", ()),
    ],
)
def test_tokens_of_a_name(raw: str, expected: tuple[str, ...]) -> None:
    name = read_name(raw)
    assert name.tokens == expected
    assert name.raw == raw


@pytest.mark.parametrize(
    ("raw", "jobs"),
    [
        ("job_2024_0812", ("job_2024_0812",)),
        ("job_2024_0812_smith_residence_final", ("job_2024_0812", "smith_residence")),
        ("2024_smith_residence", ("smith_residence",)),
        ("Work Order #4711", ("Work Order #4711",)),
        ("PRJ-1042_export", ("PRJ-1042",)),
        ("Jones house", ("Jones house",)),
        ("IMG-1234", ()),
        ("residence", ()),
    ],
)
def test_job_like_parts_are_kept_whole(raw: str, jobs: tuple[str, ...]) -> None:
    assert read_name(raw).jobs == jobs


@pytest.mark.parametrize(
    ("path", "folders", "file"),
    [
        (r"C:\Users\Bob\Videos\Smith Residence\Grotto_final.MP4", ["Smith Residence"], "Grotto_final"),
        (r"\\server\footage\Jones_house\clip.mov", ["Jones_house"], "clip"),
        (r"Smith\Grotto.mp4", ["Smith"], "Grotto"),
        ("/home/ann/Movies/Smith/Grotto.mp4", ["Smith"], "Grotto"),
        ("/Volumes/Archive/2024/a.b.c.mp4", ["2024"], "a.b.c"),
        ("grotto.mp4", [], "grotto"),
        ("../Smith/grotto", ["Smith"], "grotto"),
        ("", [], ""),
        ("/", [], ""),
    ],
)
def test_paths_of_both_kinds_of_system(path: str, folders: list[str], file: str) -> None:
    names = read_path(path)
    assert [folder.raw for folder in names.folders] == folders
    assert names.file.raw == file


def test_folders_below_a_marker() -> None:
    assert below(r"D:\Customers\Van der Berg\2024\x.mp4", {"customers"}) == ("Van der Berg",)
    assert below("Customers/x.mp4", {"customers"}) == ()


@given(st.text(max_size=80))
def test_every_path_can_be_read_and_nothing_is_invented(path: str) -> None:
    names = read_path(path)
    for name in (*names.folders, names.file):
        assert name.raw in path
    assert read_path(path) == names


@given(st.from_regex(r"[A-Za-z0-9]{0,30}", fullmatch=True))
def test_splitting_loses_no_letter(text: str) -> None:
    assert "".join(tokens(text)) == text


@pytest.mark.parametrize(
    ("path", "root", "expected"),
    [
        ("/home/anna/Footage/Smith/pool.mp4", "/home/anna/Footage", "Footage/Smith/pool.mp4"),
        ("/home/anna/Footage/Smith/pool.mp4", "/home/anna/Footage/Smith/pool.mp4", "Smith/pool.mp4"),
        ("/pool.mp4", "/", "pool.mp4"),
        ("D:\\Film\\Jobs\\Smith\\pool.mp4", "D:\\Film\\Jobs", "Jobs\\Smith\\pool.mp4"),
        ("/elsewhere/pool.mp4", "/home/anna", "/elsewhere/pool.mp4"),
        ("/home/anna/pool.mp4", "", "/home/anna/pool.mp4"),
    ],
)
def test_what_lies_above_the_imported_folder_is_left_out(path: str, root: str, expected: str) -> None:
    assert from_import(path, root) == expected
