"""The one way out to a URL that a caller sent: `ports.Fetcher`, by the standard library alone.

A host is looked up once, all of its addresses have to be public ones, and the connection goes to
one of those, so that a name that answers differently a moment later leads nowhere else. Each
redirect starts these checks again. Nothing that comes is unpacked or believed.
"""

import http.client
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urljoin

from reelsmith.engines import addresses
from reelsmith.engines.addresses import Target, refused
from reelsmith.engines.partials import Partial
from reelsmith.engines.wire import Exchange, Line, failures_told
from reelsmith.errors import Unavailable
from reelsmith.ports import Answer, Fetched

_REDIRECTS = 5
_TRIES = 4  # connections of one call, while each brings more than the one before
_PIECE_BYTES = 256 << 10
_MOVED = frozenset({301, 302, 303, 307, 308})
_LATER = frozenset({408, 421, 425, 429})
_OURS = {
    "User-Agent": "Reelsmith/1",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


class SafeFetcher:
    """Goes to public hosts. `plain` is a `host:port` that tests may reach by http as well."""

    def __init__(self, *, plain: str = "", exchange: Exchange | None = None) -> None:
        self._plain = plain
        self._exchange = exchange or Exchange()

    def check(self, url: str) -> None:
        """See that a URL is of a form that we go to. Looks nothing up. Raises Invalid."""
        addresses.parse(url, plain=self._plain)

    def fetch(
        self,
        url: str,
        into: Path,
        *,
        most_bytes: int,
        timeout_s: float,
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """Copy what is at a URL into a file, whole or not at all. Raises Invalid, Unavailable."""
        self.check(url)
        until = time.monotonic() + timeout_s
        partial = Partial(into, url)
        for tries_left in reversed(range(_TRIES)):
            had = partial.size_bytes
            try:
                return self._get(url, partial, headers or {}, until, most_bytes)
            except Unavailable:
                grown = partial.resumable and partial.size_bytes > had
                anew = had > 0 and partial.size_bytes == 0
                if not ((grown or anew) and tries_left and time.monotonic() < until):
                    raise
        raise AssertionError("the last try returns or raises")

    def send(
        self, url: str, body: bytes, *, headers: Mapping[str, str], timeout_s: float
    ) -> Answer:
        """POST bytes to a URL; what it answers. Raises Invalid, Unavailable."""
        target = addresses.parse(url, plain=self._plain)
        until = time.monotonic() + timeout_s
        with self._exchange.open(target, until=until) as line:
            answer = _ask(line, target, "POST", headers, body)
            return Answer(answer.status, answer.headers.get("Retry-After", ""))

    def _get(
        self,
        url: str,
        partial: Partial,
        headers: Mapping[str, str],
        until: float,
        most_bytes: int,
    ) -> Fetched:
        asked = {**headers, **partial.asks()}
        with self._followed(url, asked, until) as (answer, target):
            if answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and partial.resumable:
                partial.forget()
                raise Unavailable("the file of the URL changed while it was fetched")
            _look(answer)
            _settle(answer, partial)
            if partial.size_bytes + (answer.length or 0) > most_bytes:
                raise _too_large(most_bytes)
            for piece in _pieces(answer):
                if partial.size_bytes + len(piece) > most_bytes:
                    partial.forget()
                    raise _too_large(most_bytes)
                partial.add(piece)
            return partial.complete(status=answer.status, headers=answer.headers, host=target.host)

    @contextmanager
    def _followed(
        self, url: str, headers: Mapping[str, str], until: float
    ) -> Iterator[tuple[http.client.HTTPResponse, Target]]:
        """The answer at the end of the redirects. Raises Invalid, Unavailable."""
        target = first = addresses.parse(url, plain=self._plain)
        for _ in range(_REDIRECTS + 1):
            with self._exchange.open(target, until=until) as line:
                # what a caller's own host is told is no other host's business
                told = headers if target.origin == first.origin else _for_others(headers)
                answer = _ask(line, target, "GET", told)
                if answer.status not in _MOVED:
                    yield answer, target
                    return
                url = _moved(url, answer)
            onward = addresses.parse(url, plain=self._plain)
            if target.scheme == "https" and onward.scheme != "https":
                raise refused("it leads from https to http")
            target = onward
        raise refused(f"it leads on more than {_REDIRECTS} times")


def _ask(
    line: Line,
    target: Target,
    method: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
) -> http.client.HTTPResponse:
    """Send one request and read the head of the answer. Raises Invalid, Unavailable."""
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = line
    with failures_told():
        connection.request(
            method,
            target.path,
            body=body,
            headers={**headers, **_OURS, "Host": target.authority},
        )
        answer = connection.getresponse()
    if line.ended:  # a head without its end looks to `http.client` like one that is complete
        raise Unavailable("the server of the URL breaks off before its answer's end")
    line.head_is_over = True
    return answer


def _look(answer: http.client.HTTPResponse) -> None:
    """See that an answer brings a file, as it is. Raises Invalid, Unavailable."""
    status = answer.status
    if status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Unavailable(f"the server of the URL answers with status {status}")
    if status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        raise refused(f"its server answers with status {status}")
    if answer.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise refused("its server sends it packed, though asked for the file as it is")


def _settle(answer: http.client.HTTPResponse, partial: Partial) -> None:
    """Begin a file, or go on with the one that is here. Raises Unavailable."""
    if answer.status == HTTPStatus.OK:
        partial.begin(answer.headers)
    elif not partial.continued_by(answer.headers):
        partial.forget()
        raise Unavailable("the server of the URL sends another part than was asked for")


def _pieces(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    """The body, piece by piece, to the end that was announced. Raises Invalid, Unavailable."""
    while True:
        with failures_told():
            piece = answer.read1(_PIECE_BYTES)
        if not piece:
            break
        yield piece
    if answer.length:
        raise Unavailable("the server of the URL breaks off before the file's end")


def _moved(url: str, answer: http.client.HTTPResponse) -> str:
    """Where an answer leads on to. Raises Invalid."""
    place = answer.headers.get("Location", "")
    if not place or len(place) > addresses.MOST_CHARS:
        raise refused("it leads on to nowhere")
    try:
        return urljoin(url, place)
    except ValueError as broken:
        raise refused("it leads on to nowhere") from broken


def _for_others(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that any host may be told."""
    return {name: text for name, text in headers.items() if name in ("Range", "If-Range")}


def _too_large(most_bytes: int) -> Exception:
    return refused(f"its file has more than the {most_bytes} bytes that are taken")
