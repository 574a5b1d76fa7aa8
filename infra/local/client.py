"""A small client of the HTTP API, on the standard library alone."""

import hashlib
import json
import shutil
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

TIMEOUT_S = 60.0
_FINAL = ("completed", "failed", "cancelled")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API said. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        """The body as JSON; empty when there is none."""
        return dict(json.loads(self.body)) if self.body else {}


class Refused(Exception):
    """The API answered with an error; the message shows its problem details (RFC 9457)."""

    def __init__(self, asked: str, answer: Answer) -> None:
        super().__init__(f"{asked}: {answer.status} {_told(answer)}")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Client:
    """One caller of one stage."""

    url: str
    key: str | None

    @classmethod
    def of(cls, card: Mapping[str, Any]) -> Self:
        """The caller that `stage.json` describes."""
        return cls(card["api_url"], card["api_key"])

    def send(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make a request and give the answer, whatever its status."""
        sent = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        data = None
        if body is not None:
            data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        return _open(method, f"{self.url}{path}", data, sent | dict(headers or {}))

    def ask(self, method: str, path: str, body: Json | None = None, **more: Any) -> Json:  # noqa: ANN401
        """Make a request that has to succeed; gives the JSON. Raises Refused."""
        answer = self.send(method, path, body, **more)
        if answer.status >= 400:
            raise Refused(f"{method} {path}", answer)
        return answer.json

    def upload(self, file: Path, content_type: str) -> str:
        """Send a file by its presigned form; gives the asset's id. Raises Refused."""
        content = file.read_bytes()
        form = self.ask(
            "POST",
            "/v1/uploads",
            {
                "filename": file.name,
                "content_type": content_type,
                "size_bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "multipart": False,
            },
        )
        boundary = uuid.uuid4().hex
        sent = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        body = b"".join(_multipart(form["fields"], content, boundary))
        answer = _open("POST", form["url"], body, sent)
        if answer.status >= 400:
            raise Refused(f"upload of {file.name}", answer)
        return str(form["id"])

    def submit(self, order: Json, *, once: str | None = None) -> Json:
        """Ask for a film; `once` is the idempotency key. Raises Refused."""
        headers = {"Idempotency-Key": once} if once else {}
        return self.ask("POST", "/v1/jobs", order, headers=headers)

    def follow(
        self,
        job_id: str,
        *,
        within_s: float,
        show: Callable[[Json], None] | None = None,
        every_s: float = 0.5,
    ) -> Json:
        """Look at a job until it has ended. Raises TimeoutError, Refused."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            job = self.ask("GET", f"/v1/jobs/{job_id}")
            if show:
                show(job)
            if job["status"] in _FINAL:
                return job
            time.sleep(every_s)
        raise TimeoutError(f"job {job_id} is still {job['status']} after {within_s:.0f} s")

    def download(self, video_id: str, target: Path) -> Path:
        """Save a finished film. Raises Refused."""
        url = self.ask("GET", f"/v1/videos/{video_id}")["download_url"]
        target.parent.mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as source, target.open("wb") as out:  # noqa: S310
            shutil.copyfileobj(source, out)
        return target


def _open(method: str, url: str, data: bytes | None, headers: Mapping[str, str]) -> Answer:
    request = urllib.request.Request(url, data=data, headers=dict(headers), method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            return _answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return _answer(refused.code, refused.headers, refused.read())


def _answer(status: int, headers: Any, body: bytes) -> Answer:  # noqa: ANN401
    return Answer(status, {name.lower(): value for name, value in headers.items()}, body)


def _told(answer: Answer) -> str:
    try:
        problem = answer.json
    except ValueError:
        return answer.body[:300].decode(errors="replace")
    head = str(problem.get("detail") or problem.get("message") or problem)
    faults = (
        f"  {fault.get('pointer')}: {fault.get('detail')} ({fault.get('remedy')})"
        for fault in problem.get("errors", [])
    )
    return "\n".join([head, *faults])


def _multipart(fields: Mapping[str, str], content: bytes, boundary: str) -> Iterator[bytes]:
    for name, value in fields.items():
        yield f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        yield f"{value}\r\n".encode()
    head = 'Content-Disposition: form-data; name="file"; filename="file"'
    yield f"--{boundary}\r\n{head}\r\n\r\n".encode()
    yield content
    yield f"\r\n--{boundary}--\r\n".encode()
