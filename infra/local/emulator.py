"""The emulator as a process of its own: `python -m infra.local.emulator DATA PORT PARENT_PID`.

It serves on the loopback only, checks who may do what, and stops cleanly on SIGTERM or when its
parent is gone. Its environment comes from `environment`, since the emulator reads it on import.
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from hypercorn.asyncio import serve
from hypercorn.config import Config

from infra.local.place import HOST, Place, endpoint, exclusive

SNAPSHOT_PATH = "/_reelsmith/snapshot"
_CLOSED = ("/_ministack/reset", "/_ministack/config")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]  # ASGI 3


def environment(place: Place, port: int) -> dict[str, str]:
    """The variables that make the emulator ours: loopback, access checks, state in `place`."""
    return {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "AUTH": "true",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(place.state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(place.objects),
        "TMPDIR": str(place.scratch),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "AWS_EC2_METADATA_DISABLED": "true",
        "DOCKER_HOST": f"unix://{place.scratch}/no-docker.sock",
    }


def main(data: str, port: str, parent: str) -> None:
    """Serve until told to stop, or until the process `parent` is gone."""
    place = Place.at(data)
    with exclusive(place.state_lock):
        asyncio.run(_serve(place, int(port), int(parent)))


async def _serve(place: Place, port: int, parent: int) -> None:
    # Imported here: the emulator reads its whole configuration on import.
    from ministack import app as gateway  # noqa: PLC0415

    from infra.local import patches  # noqa: PLC0415
    from infra.local.durability import Durability  # noqa: PLC0415
    from infra.local.emf import Sender  # noqa: PLC0415

    if not gateway.AUTH or not gateway.PERSIST_STATE:
        raise patches.PatchFailed("the emulator was started without its environment")
    logging.getLogger("persistence").setLevel(logging.ERROR)
    patches.apply(Sender(endpoint(port)).take)
    durability = Durability(place)
    durability.install()

    config = Config()
    config.bind = [f"{HOST}:{port}"]
    config.keep_alive_timeout = 75.0
    config.loglevel = "WARNING"
    stop = _stop_event(parent)
    saving = asyncio.create_task(durability.snapshot_forever())
    await serve(front(gateway.app, durability.snapshot), config, shutdown_trigger=stop.wait)
    saving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await saving
    await durability.snapshot(table=True)


def front(app: Application, snapshot: Callable[..., Awaitable[None]]) -> Application:
    """`app` behind a door: no requests from web pages, no way to wipe the state, and snapshots."""

    async def enter(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
        elif scope["path"] in _CLOSED or not _from_here(scope):
            await _answer(send, 403, b"only for programs on this machine\n")
        elif scope["path"] == SNAPSHOT_PATH and scope["method"] == "POST":
            await snapshot(table=True)
            await _answer(send, 200, b"saved\n")
        else:
            await app(scope, receive, send)

    return enter


def _from_here(scope: Scope) -> bool:
    """Whether no foreign web page is behind the request: it would name itself in these headers."""
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }
    hosts = [urlsplit(f"//{headers.get('host', HOST)}").hostname]
    if headers.get("origin"):
        hosts.append(urlsplit(headers["origin"]).hostname)
    return all(h in (HOST, "localhost") or (h or "").endswith(".localhost") for h in hosts)


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _stop_event(parent: int) -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    # Ctrl-C reaches the whole group; the launcher decides when we stop.
    loop.add_signal_handler(signal.SIGINT, lambda: None)

    def follow() -> None:
        if os.getppid() != parent:
            stop.set()
        loop.call_later(0.5, follow)

    loop.call_soon(follow)
    return stop


if __name__ == "__main__":
    main(*sys.argv[1:4])
