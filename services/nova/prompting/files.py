"""The prompts' files: one folder per version, one file per part, with `$words` where something is put in."""

from functools import cache
from pathlib import Path
from string import Template

from shared.analyses import PROMPT_VERSION
from shared.contracts import Kind

FOLDER = Path(__file__).resolve().parent.parent / "prompts" / PROMPT_VERSION


def part(name: str, kind: Kind | None = None, **words: str) -> str:
    """One part of a prompt; the one for this kind of file where there is one, as `elements-image.md`."""
    special = f"{name}-{kind}" if kind else name
    text = _text(special if (FOLDER / f"{special}.md").exists() else name)
    return Template(text).substitute(words).strip()


@cache
def _text(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")
