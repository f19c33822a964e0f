"""The gateway's REST API, as the command line uses it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from shared.errors import Invalid

TIMEOUT = 30.0
"""Seconds: the first search loads the embedding model."""


class Gateway:
    """A client for one gateway. What it refuses is raised as Invalid, with the gateway's own sentence."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._http = httpx.Client(base_url=address, timeout=TIMEOUT, trust_env=False)

    def __enter__(self) -> "Gateway":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def import_path(self, path: Path) -> str:
        """Ask for a file or folder to be imported; answers with the job's id."""
        answer = self._json("POST", "/api/files/import-directory", json={"path": str(path)})
        return str(answer["job_id"])

    def job(self, job_id: str) -> dict[str, Any]:
        """How far a job is."""
        return self._json("GET", f"/api/jobs/{job_id}")

    def job_files(self, job_id: str) -> list[dict[str, Any]]:
        """What became of each file of a job."""
        files: list[dict[str, Any]] = self._json("GET", f"/api/jobs/{job_id}/files")["files"]
        return files

    def file(self, file_id: str) -> dict[str, Any]:
        """Everything about a file."""
        return self._json("GET", f"/api/files/{file_id}")

    def search(self, words: str, *, limit: int) -> dict[str, Any]:
        """Moments that answer the words."""
        return self._json("GET", "/api/search", params={"q": words, "limit": limit})

    def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        response = self._http.request(method, path, **options)
        if response.is_client_error:
            raise Invalid(problem_of(response))
        response.raise_for_status()
        document: dict[str, Any] = response.json()
        return document


def problem_of(response: httpx.Response) -> str:
    """The sentence of a problem+json answer."""
    try:
        problem = response.json()
    except ValueError:
        return f"The gateway answered {response.status_code}."
    detail = problem.get("detail") if isinstance(problem, Mapping) else None
    return str(detail or f"The gateway answered {response.status_code}.")
