"""Names of objects."""

from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.proxy.renditions import NAME_LENGTH, Rendition, Source, key, safe_name
from shared.contracts import Kind

FILE = UUID("019a9f00-0000-7000-8000-000000000002")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/films/Grotto walkthrough (final).mp4", "Grotto_walkthrough_final"),
        ("/films/Été à la plage.mov", "Ete_a_la_plage"),
        ("/films/-rf.mp4", "rf"),
        ("/films/..mp4", "file"),
        ("/films/日本.mp4", "file"),
        ("/films/a/../../etc.passwd.mp4", "etc.passwd"),
        ("/films/caf\udce9.mp4", "caf"),
        ("/films/" + "x" * 300 + ".mp4", "x" * NAME_LENGTH),
    ],
)
def test_a_name_is_made_safe(path: str, name: str) -> None:
    assert safe_name(Path(path)) == name


@given(st.text().map(lambda text: Path("/", text.replace("\0", ""))))
def test_any_name_becomes_letters_digits_and_few_signs(path: Path) -> None:
    name = safe_name(path)
    assert 1 <= len(name) <= NAME_LENGTH
    assert set(name) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
    assert name[0] not in "-."


def test_a_key_tells_file_revision_and_form() -> None:
    source = Source(FILE, 3, Kind.VIDEO, Path("/films/My clip.mov"), 1, 0, None)
    rendition = Rendition("proxy", Path("/tmp/x/720p15.mp4"), "video/mp4", 1)
    assert key(source, rendition) == f"proxy/{FILE}/r3/My_clip_{FILE}_720p15.mp4"
