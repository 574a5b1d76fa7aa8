"""A server between AWS SDKs and an endpoint, which lets requests go wrong by a seeded die."""

import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

_METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD")
_TABLE = "DynamoDB_"
_BUSY_TABLE = (
    b'{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",'
    b'"message":"planted"}'
)
_BUSY_STORE = b"<Error><Code>SlowDown</Code><Message>planted</Message></Error>"


class Fault(StrEnum):
    """What may go wrong with a request."""

    UNAVAILABLE = "503"
    THROTTLED = "throttled"
    RESET = "reset before"
    LOST = "reply lost after"
    SLOW = "slow"
    TRUNCATED = "truncated"
    CHANGED = "a byte changed"


class _Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Faults:
    """The die, and what was thrown: `planted` counts by fault, `requests` all that came."""

    def __init__(self, upstream: str, *, rate: float, seed: int) -> None:
        self.upstream = urlsplit(upstream)
        self.rate = rate
        self.planted: Counter[str] = Counter()
        self.requests = 0
        self._dice = random.Random(seed)
        self._turn = threading.Lock()

    def throw(self) -> Fault | None:
        """What becomes of the next request."""
        with self._turn:
            self.requests += 1
            if self._dice.random() >= self.rate:
                return None
            return self._dice.choice(list(Fault))

    def note(self, fault: Fault) -> None:
        """Count a fault that came to pass."""
        with self._turn:
            self.planted[fault] += 1


@contextmanager
def a_proxy(upstream: str, *, rate: float, seed: int) -> Iterator[tuple[str, Faults]]:
    """The address of a proxy to `upstream`, and what it does."""
    faults = Faults(upstream, rate=rate, seed=seed)
    methods = {f"do_{method}": _Handler.serve for method in _METHODS}
    handler = type("Bound", (_Handler,), {"faults": faults} | methods)
    with _Server(("127.0.0.1", 0), handler) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        serving.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", faults
        server.shutdown()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Broken connections are what this is for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    faults: Faults

    def serve(self) -> None:
        """Let a request pass, or let it go wrong."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self.faults.throw()
        match fault:
            case Fault.RESET:
                self.faults.note(fault)
                self._reset()
            case Fault.UNAVAILABLE:
                self.faults.note(fault)
                self._give(_Answer(503, [], b""))
            case Fault.THROTTLED:
                self.faults.note(fault)
                self._give(self._busy())
            case _:
                self._pass_on(body, fault)

    def _pass_on(self, body: bytes, fault: Fault | None) -> None:
        answer = self._ask(body)
        if fault is None or (fault in {Fault.TRUNCATED, Fault.CHANGED} and not answer.body):
            self._give(answer)
            return
        if fault is Fault.CHANGED and not self._is_summed(answer):
            self._give(answer)
            return
        self.faults.note(fault)
        if fault is Fault.LOST:
            self._reset()
        elif fault is Fault.SLOW:
            time.sleep(0.2)
            self._give(answer)
        elif fault is Fault.TRUNCATED:
            self._give(answer, most=len(answer.body) // 2)
            self._reset()
        else:
            middle = len(answer.body) // 2
            changed = bytearray(answer.body)
            changed[middle] ^= 0x55
            self._give(answer._replace(body=bytes(changed)))

    def _is_summed(self, answer: _Answer) -> bool:
        """Whether the caller can see that a byte is wrong, as TLS would let it see elsewhere."""
        return any(name.lower().startswith("x-amz-checksum-") for name, _ in answer.headers)

    def _ask(self, body: bytes) -> _Answer:
        host = self.faults.upstream
        upstream = HTTPConnection(host.hostname or "", host.port or 80, timeout=60)
        try:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in {"connection", "expect"}:
                    upstream.putheader(name, value)
            upstream.endheaders(body)
            found = upstream.getresponse()
            return _Answer(found.status, found.getheaders(), found.read())
        finally:
            upstream.close()

    def _busy(self) -> _Answer:
        if _TABLE in self.headers.get("X-Amz-Target", ""):
            return _Answer(400, [("Content-Type", "application/x-amz-json-1.0")], _BUSY_TABLE)
        return _Answer(503, [("Content-Type", "application/xml")], _BUSY_STORE)

    def _give(self, answer: _Answer, *, most: int | None = None) -> None:
        told = {"transfer-encoding", "connection", "content-length"}
        length = str(len(answer.body))
        self.send_response(answer.status)
        for name, value in answer.headers:
            if name.lower() == "content-length":
                length = value  # that of a HEAD tells of a body that does not come
            if name.lower() not in told:
                self.send_header(name, value)
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body[:most])

    def _reset(self) -> None:
        """End the connection as a machine that loses power does, not by a polite end."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, format: str, *given: Any) -> None:
        """Say nothing."""
