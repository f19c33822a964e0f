"""docs/openapi.json says what the routes say."""

import json
from typing import Any

from services.search import openapi

DOCUMENT: dict[str, Any] = json.loads(openapi.rendered())
OPERATIONS = [
    (f"{method} {path}", operation) for path, methods in DOCUMENT["paths"].items() for method, operation in methods.items()
]


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [ref for value in node.values() for ref in references(value)]
    return [ref for value in node for ref in references(value)] if isinstance(node, list) else []


def test_the_document_is_current() -> None:
    assert openapi.PATH.read_text(encoding="utf-8") == openapi.rendered(), "run: python -m services.search.openapi"


def test_it_is_openapi_3_1_and_every_reference_leads_somewhere() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    for reference in references(DOCUMENT):
        node: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        assert node is not None


def test_every_operation_is_named_for_its_method_and_path() -> None:
    names = [operation["operationId"] for _, operation in OPERATIONS]
    assert len(set(names)) == len(names)
    by_name = {operation["operationId"]: which for which, operation in OPERATIONS}
    assert by_name["get_batch_by_job_id_status"] == "get /api/batch/{job_id}/status"
    assert by_name["get_files_by_file_id_transcript_by_extension"] == "get /api/files/{file_id}/transcript.{extension}"


def test_every_operation_says_what_it_does_and_what_it_answers() -> None:
    for which, operation in OPERATIONS:
        assert operation["tags"], which
        assert operation["summary"][0].isupper(), which
        assert " " in operation["summary"], which
        good = {status: answer for status, answer in operation["responses"].items() if status[0] in "23"}
        if len(good) > 1:  # a picture is there, or elsewhere
            assert good.pop("307")["description"], which
        assert len(good) == 1, which
        [(status, answer)] = good.items()
        assert status in ("204", "303", "307") or answer["content"], which
        assert "X-Request-Id" in answer["headers"], which


def test_every_operation_fails_as_a_problem() -> None:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for which, operation in OPERATIONS:
        for status in ("4XX", "5XX"):
            assert operation["responses"][status]["content"] == problem, which
