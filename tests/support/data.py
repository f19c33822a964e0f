"""Golden files: what must stay as it is, kept in tests/data and written anew only on demand."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "data"


def golden(name: str, current: Any, *, update: bool) -> Any:
    """What the golden file says, after writing `current` to it if asked to; raises AssertionError if there is none."""
    path = FOLDER / f"{name}.json"
    if update:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(current, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    assert path.exists(), f"tests/data/{name}.json is missing: run the tests with --update-test-data and look at what it says"
    return json.loads(path.read_text(encoding="utf-8"))
