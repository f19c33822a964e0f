"""The gateway's REST API, as the command line uses it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from cli.credentials import NO_KEY, Key
from cli.refusals import refusal
from shared.errors import Invalid

TIMEOUT = 30.0
"""Seconds: the first search loads the embedding model."""
FILE_TIMEOUT = 600.0
"""Seconds until the first byte of a file, which is written before it is sent."""
AWAY = 503
"""The status of an answer that says which part of the platform cannot be reached."""


class Gateway:
    """A client for one gateway. What it refuses is raised as Invalid, with the gateway's own sentence."""

    def __init__(self, address: str, key: Key = NO_KEY) -> None:
        self.address = address
        self.key = key
        self._http = httpx.Client(base_url=address, headers=key.headers, timeout=TIMEOUT, trust_env=False)

    def __enter__(self) -> "Gateway":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def sign_in(self, name: str, password: str) -> None:
        """Go on as this person, by a session; raises Invalid with the gateway's sentence if it is not the password."""
        response = self._http.post("/api/session", json={"name": name, "password": password})
        if response.is_client_error:
            raise Invalid(problem_of(response))
        self._require_success(response)
        self._http.headers["X-CSRF-Token"] = response.json()["csrf_token"]

    def import_path(self, path: Path, *, apply: bool = True) -> str:
        """Ask for a file or folder to be imported, or only reported; answers with the job's id."""
        answer = self._json("POST", "/api/files/import-directory", json={"path": str(path), "apply": apply})
        return str(answer["job_id"])

    def rescan(self, path: Path | None) -> str:
        """Ask for a place, or everything, to be looked through and reported; answers with the job's id."""
        return str(self._json("POST", "/api/files/rescan", json={"path": path and str(path)})["job_id"])

    def scan_status(self, kind: str, job_id: str) -> dict[str, Any]:
        """How far an import (`import-directory`) or a `rescan` is, and what it found."""
        return self._json("GET", f"/api/files/{kind}/{job_id}/status")

    def scan_report(self, kind: str, job_id: str, **params: Any) -> dict[str, Any]:
        """A page of what it found."""
        return self._json("GET", f"/api/files/{kind}/{job_id}/report", params=params)

    def apply_scan(self, kind: str, job_id: str) -> None:
        """Apply everything that it reports."""
        self._answer("POST", f"/api/files/{kind}/{job_id}/apply", json={})

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

    def search(self, words: str, *, limit: int, **options: Any) -> dict[str, Any]:
        """Moments that answer the words, in files that fit the options."""
        return self._json("GET", "/api/search", params={"q": words, "limit": limit, **options})

    def watches(self) -> dict[str, Any]:
        """The watched folders, and how they are."""
        return self._json("GET", "/api/watches")

    def add_watch(self, watch: Mapping[str, Any]) -> dict[str, Any]:
        """Watch a folder."""
        return self._json("POST", "/api/watches", json=watch)

    def remove_watch(self, watch_id: str) -> None:
        """Watch a folder no more."""
        self._answer("DELETE", f"/api/watches/{watch_id}")

    def files_at(self, path: str) -> list[dict[str, Any]]:
        """Files whose path contains this text, the latest first; at most 500."""
        files: list[dict[str, Any]] = self._json("GET", "/api/files", params={"q": path, "limit": 500})["files"]
        return files

    def transcripts(self, file_id: str) -> list[dict[str, Any]]:
        """A file's transcripts, the best first."""
        transcripts: list[dict[str, Any]] = self._json("GET", f"/api/files/{file_id}/transcripts")["transcripts"]
        return transcripts

    def transcript(self, transcript_id: str) -> dict[str, Any]:
        """A transcript with its segments."""
        return self._json("GET", f"/api/transcripts/{transcript_id}")

    def export_transcript(self, transcript_id: str, **options: str | bool) -> bytes:
        """A transcript as a file."""
        return self._answer("GET", f"/api/transcripts/{transcript_id}/export", params=options).content

    def import_transcript(self, file_id: str, content: bytes, **options: str) -> dict[str, Any]:
        """Hand in a subtitle file for a file of the library."""
        headers = {"content-type": "application/octet-stream"}
        return self._json("POST", f"/api/files/{file_id}/transcripts", content=content, params=options, headers=headers)

    def begin_upload(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Begin to upload a file in parts, or go on with it."""
        return self._json("POST", "/api/uploads", json=wanted)

    def upload(self, upload_id: str) -> dict[str, Any]:
        """How far an upload is."""
        return self._json("GET", f"/api/uploads/{upload_id}")

    def upload_parts(self, upload_id: str) -> dict[int, str]:
        """The etags of the parts that are there, by number."""
        parts = self._json("GET", f"/api/uploads/{upload_id}/parts")["parts"]
        return {part["number"]: part["etag"] for part in parts}

    def part_link(self, upload_id: str, number: int) -> str:
        """Where to put a part."""
        return str(self._json("POST", f"/api/uploads/{upload_id}/parts/{number}/link", json={})["url"])

    def complete_upload(self, upload_id: str, etags: Mapping[int, str]) -> None:
        """Say that every part is there."""
        parts = [{"number": number, "etag": etag} for number, etag in etags.items()]
        self._answer("POST", f"/api/uploads/{upload_id}/complete", json={"parts": parts})

    def call_off_upload(self, upload_id: str) -> None:
        """Forget an upload and what has come of it."""
        self._answer("DELETE", f"/api/uploads/{upload_id}")

    def begin_batch(self, action: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for an action on many files."""
        return self._json("POST", f"/api/batch/{action}", json=wanted)

    def batch(self, job_id: str) -> dict[str, Any]:
        """How far an action on many files is."""
        return self._json("GET", f"/api/batch/{job_id}/status")

    def batches(self, limit: int) -> list[dict[str, Any]]:
        """Actions on many files, the latest first."""
        batches: list[dict[str, Any]] = self._json("GET", "/api/batch", params={"limit": limit})["batches"]
        return batches

    def cancel_batch(self, job_id: str) -> None:
        """Call an action on many files off."""
        self._answer("POST", f"/api/batch/{job_id}/cancel", json={})

    def retry_batch(self, job_id: str) -> dict[str, Any]:
        """Try what failed in an action on many files again."""
        return self._json("POST", f"/api/batch/{job_id}/retry", json={})

    def begin_reconciliation(self, *, apply: bool) -> str:
        """Have object store and library compared; answers with the job's id."""
        return str(self._json("POST", "/api/proxies/reconcile", json={"apply": apply})["job_id"])

    def reconciliation(self, job_id: str) -> dict[str, Any]:
        """What a comparison of object store and library found."""
        return self._json("GET", f"/api/proxies/reconcile/{job_id}")

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """What is at a path of the API."""
        return self._json("GET", path, params=params)

    def post(self, path: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """What a request is answered with."""
        return self._json("POST", path, json=wanted)

    def change_password(self, current: str, new: str) -> None:
        """Change the password of who has signed in."""
        self._answer("PUT", "/api/session/password", json={"current": current, "new": new})

    def put(self, path: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """What was changed, as it is now."""
        return self._json("PUT", path, json=changes)

    def patch(self, path: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """What was changed in part, as it is now."""
        return self._json("PATCH", path, json=changes)

    def delete(self, path: str) -> None:
        """Remove what is at a path of the API."""
        self._answer("DELETE", path)

    def pieces(self, path: str, **params: Any) -> Iterator[bytes]:
        """A file, piece by piece: however large, it is not held in memory."""
        with self._http.stream("GET", path, params=params, timeout=FILE_TIMEOUT) as response:
            if not response.is_success:
                response.read()
            self._require_success(response)
            yield from response.iter_bytes()

    def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        document: dict[str, Any] = self._answer(method, path, **options).json()
        return document

    def _answer(self, method: str, path: str, **options: Any) -> httpx.Response:
        response = self._http.request(method, path, **options)
        self._require_success(response)
        return response

    def _require_success(self, response: httpx.Response) -> None:
        """Raise Invalid, with its own sentence, for what was refused, or cannot be answered now."""
        if response.is_client_error or response.status_code == AWAY:
            raise Invalid(self.refusal_of(response))
        response.raise_for_status()

    def refusal_of(self, response: httpx.Response) -> str:
        """Why an answer is none, and what to do where it is about who asks."""
        return refusal(response.status_code, problem_of(response), self.key, self.address)


def problem_of(response: httpx.Response) -> str:
    """The sentence of a problem+json answer."""
    try:
        problem = response.json()
    except ValueError:
        return f"The gateway answered {response.status_code}."
    detail = problem.get("detail") if isinstance(problem, Mapping) else None
    return str(detail or f"The gateway answered {response.status_code}.")
