"""Headless Chromium looking at films, served on loopback, and telling what it saw."""

import json
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.parse import quote

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_PAGE = Path(__file__).with_name("player.html")
_PATIENCE_S = 120.0
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-background-timer-throttling",
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
)


class _Answers(BaseHTTPRequestHandler):
    """Serves the page and the films of a folder, whole or in part, and takes what was seen."""

    room: Path
    seen: Queue[dict[str, Any]]

    def do_GET(self) -> None:
        """The page, or a film; RFC 9110, 14.2 in the one form that players use."""
        name = Path(self.path).name
        file = _PAGE if name == "player" else self.room / name
        if not file.is_file():
            self.send_error(404)
            return
        body = file.read_bytes()
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        first, last = 0, len(body) - 1
        if asked:
            first, last = int(asked[1]), min(int(asked[2] or last), last)
        self.send_response(206 if asked else 200)
        self.send_header("Content-Type", "text/html" if file == _PAGE else "video/mp4")
        self.send_header("Content-Length", str(last + 1 - first))
        self.send_header("Accept-Ranges", "bytes")
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(body)}")
        self.end_headers()
        self.wfile.write(body[first : last + 1])

    def do_POST(self) -> None:
        """What the page saw."""
        length = int(self.headers["Content-Length"])
        self.seen.put(json.loads(self.rfile.read(length)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the requests are no news."""


@contextmanager
def _served(room: Path) -> Iterator[tuple[str, Queue[dict[str, Any]]]]:
    seen: Queue[dict[str, Any]] = Queue()
    answers = type("Answers", (_Answers,), {"room": room, "seen": seen})
    with ThreadingHTTPServer(("127.0.0.1", 0), answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
        server.shutdown()


def watched(room: Path, profile: Path, asked: Mapping[str, object]) -> dict[str, Any]:
    """What Chromium saw of a film in `room`; `asked` is what the page wants to know."""
    assert CHROMIUM
    with _served(room) as (address, seen):
        page = f"{address}/player#{quote(json.dumps(asked))}"
        browser = subprocess.Popen(
            [CHROMIUM, *_FLAGS, f"--user-data-dir={profile}", page],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return seen.get(timeout=_PATIENCE_S)
        finally:
            os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()
