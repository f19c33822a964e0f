import json
import os
import sys
from pathlib import Path, PurePosixPath

import pytest

from shared.errors import Invalid
from shared.jobs import ImportRequest


@pytest.mark.skipif(sys.platform == "win32", reason="names are text there")
def test_a_path_of_any_bytes_survives_json() -> None:
    path = Path(os.fsdecode(b"/films/caf\xe9 \xff"))
    request = ImportRequest.of(path, recursive=False)
    stored = json.loads(json.dumps(request.model_dump(mode="json")))
    assert ImportRequest.model_validate(stored).location == path
    assert stored["path"] == "/films/caf\ufffd \ufffd"
    assert stored["recursive"] is False


@pytest.mark.parametrize("path", ["films", "./films", "/films/../secrets"])
def test_a_path_must_be_given_in_full(path: str) -> None:
    with pytest.raises(Invalid, match="Give the path in full"):
        ImportRequest.of(Path(PurePosixPath(path)))
