"""The ground truth of the samples: what is in each file, as it was made rather than as it was found."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from cli.demo.making.narration import Sentence


def location(folder: Path) -> Path:
    """Beside the folder, not in it: whoever imports the samples imports media only."""
    return folder.with_suffix(".json")


@dataclass(frozen=True)
class Entry:
    """One file; times are seconds, `gps` is (latitude, longitude, altitude in metres)."""

    path: str
    kind: str
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    rate: int | None = None
    taken: str | None = None
    sentences: tuple[Sentence, ...] = ()
    cuts: tuple[float, ...] = ()
    camera: dict[str, str] | None = None
    orientation: int | None = None
    gps: tuple[float, float, float] | None = None


def write(entries: Sequence[Entry], folder: Path) -> None:
    rows = [{key: value for key, value in asdict(entry).items() if value is not None and value != ()} for entry in entries]
    text = json.dumps({"files": sorted(rows, key=lambda row: str(row["path"]))}, indent=2)
    location(folder).write_text(text + "\n", encoding="utf-8")


def spoken(folder: Path, path: str) -> tuple[Sentence, ...]:
    """The sentences recorded for a file; empty when it has none."""
    recorded = json.loads(location(folder).read_text(encoding="utf-8"))["files"]
    (row,) = [row for row in recorded if row["path"] == path]
    return tuple(Sentence(**sentence) for sentence in row.get("sentences", ()))
