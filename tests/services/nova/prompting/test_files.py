"""Prompts are files with a version: whoever changes one makes all that was answered to it stale, and says so."""

import hashlib
from pathlib import Path

import pytest

from services.nova.prompting.files import FOLDER, part
from shared.analyses import PROMPT_VERSION
from shared.contracts import Kind
from tests.support.data import golden


def checksums(folder: Path) -> dict[str, str]:
    return {
        file.name: hashlib.sha256(file.read_text(encoding="utf-8").encode()).hexdigest() for file in sorted(folder.glob("*.md"))
    }


def test_no_prompt_changes_without_its_version(update_test_data: bool) -> None:
    """A new version is a new folder beside the old one, and `--update-test-data` writes its checksums beside the old ones."""
    current = {folder.name: checksums(folder) for folder in sorted(FOLDER.parent.iterdir())}
    assert current == golden("prompts/checksums", current, update=update_test_data), "rename the folder and PROMPT_VERSION"


def test_the_folder_is_the_version() -> None:
    assert FOLDER.name == PROMPT_VERSION
    assert FOLDER.is_dir()


def test_a_part_for_a_kind_of_file_stands_before_the_general_one() -> None:
    assert "spans" in part("elements", Kind.VIDEO)
    assert "spans" not in part("elements", Kind.IMAGE)


def test_what_is_to_be_put_in_must_be_given() -> None:
    with pytest.raises(KeyError):
        part("answer")


def test_every_file_is_used_and_reads_as_prose() -> None:
    for file in FOLDER.glob("*.md"):
        text = file.read_text(encoding="utf-8")
        assert text.endswith(".\n") or text.rstrip().endswith(("$lengths", "$terms", "</answer_schema>")), file.name
        assert "{" not in text, file.name
