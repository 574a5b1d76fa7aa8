"""`./dev demo [--data DIR]`: three films from nothing, checked on the files that came out."""

import argparse
import hashlib
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from infra.local import background, orders
from infra.local.client import Client, Refused
from infra.local.place import Place
from infra.local.progress import Progress
from infra.local.say import complain, say
from infra.local.stage import StageFailed
from reelsmith.domain.measures import Measured
from reelsmith.errors import BrokenPromise
from reelsmith.media.check import measure
from reelsmith.media.promises import MOST_OFFSET_MS

WITHIN_S = 900.0
_LOOK_S = 0.5
_LUFS, _TOLERANCE_LU = -14.0, 0.5
_FINAL = ("completed", "failed", "cancelled")
_ORDERS = (orders.SPANISH, orders.ENGLISH, orders.DROPPED)

Job = dict[str, Any]


class NotDone(Exception):
    """A film did not come out; the message says which and why."""


def main() -> int:
    """Start the stage if need be, make the films, save and check them."""
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__)
    parser.add_argument("--data", type=Path, help="where the stage keeps its things (.reelsmith)")
    place = Place.at(parser.parse_args().data)
    began = time.monotonic()
    try:
        card = background.start(place, say)
        say(f"the stage is up at {card['api_url']}")
        jobs = _make(place, Client.of(card))
        faults = [fault for order, job in jobs for fault in _present(place, card, order, job)]
    except (StageFailed, Refused, NotDone, TimeoutError, OSError) as failed:
        complain(f"the demo failed: {failed}")
        return 1
    except KeyboardInterrupt:
        say("\nleft; the stage goes on and finishes its films. `./dev down` stops it")
        return 130
    for fault in faults:
        complain(f"check failed: {fault}")
    say(f"{len(jobs)} films in {time.monotonic() - began:.0f} s; `./dev down` stops the stage")
    return 1 if faults else 0


def _make(place: Place, client: Client) -> list[tuple[orders.Order, Job]]:
    """Ask for the films all at once and follow them to their end. Raises NotDone."""
    known = {job["id"] for job in client.ask("GET", "/v1/jobs?limit=100")["data"]}
    with tempfile.TemporaryDirectory() as scratch:
        say("drawing pictures and playing music")
        asked = [orders.by_api(client, order, Path(scratch)) for order in _ORDERS[:2]]
        shutil.rmtree(place.drop / "in" / orders.DROP_NAME, ignore_errors=True)
        orders.by_folder(orders.DROPPED, place.drop / "in", Path(scratch))
    progress = Progress([order.title for order in _ORDERS])
    ids: list[str | None] = [*asked, None]
    until = time.monotonic() + WITHIN_S
    while time.monotonic() < until:
        ids[2] = ids[2] or _dropped(client, known)
        jobs = [client.ask("GET", f"/v1/jobs/{job}") for job in ids if job]
        for number, job in enumerate(jobs):
            progress.show(number, job)
        if len(jobs) == len(_ORDERS) and all(job["status"] in _FINAL for job in jobs):
            return list(zip(_ORDERS, jobs, strict=True))
        time.sleep(_LOOK_S)
    raise NotDone(f"the films were not done after {WITHIN_S:.0f} s")


def _dropped(client: Client, known: set[str]) -> str | None:
    """The job that was made of the dropped set, once it is there."""
    found = client.ask("GET", "/v1/jobs?limit=100")["data"]
    new = [job["id"] for job in found if job["drop"] and job["id"] not in known]
    return new[0] if new else None


def _present(place: Place, card: Job, order: orders.Order, job: Job) -> Iterator[str]:
    """Save one film, say what it measures; gives what is wrong with it. Raises NotDone."""
    if job["status"] != "completed":
        raise NotDone(f"{order.title}: {job['status']}, {job['error_message']}")
    film = place.films / f"{order.file}.mp4"
    if job["drop"]:
        shutil.copyfile(_came_out(place, job), film)
    else:
        Client.of(card).download(job["video_id"], film)
    try:
        found = measure(film)
    except BrokenPromise as broken:
        yield f"{film}: {broken}"
        return
    say(f"{film}\n    {_line(found)}, {_wall_s(job):.1f} s of work")
    yield from (f"{film}: {fault}" for fault in _faults(found, job))


def _came_out(place: Place, job: Job) -> Path:
    """The film in the drop folder, once it is this job's. Raises NotDone."""
    film = place.drop / "out" / str(job["drop"]) / "film.mp4"
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if film.exists() and _sha256(film) == job["result"]["sha256"]:
            return film
        time.sleep(_LOOK_S)
    raise NotDone(f"the film did not come out to {film}")


def _faults(found: Measured, job: Job) -> Iterator[str]:
    promises = {
        "codec": ("h264", found.video_codec),
        "pixels": ("yuv420p", found.pixel_format),
        "size": ((1080, 1920), (found.width, found.height)),
        "frames a second": (30.0, found.fps),
        "sound": ("aac", found.audio_codec),
        "frames": (job["result"]["frames"], found.frames),
        "checksum": (job["result"]["sha256"], found.sha256),
    }
    for what, (promised, measured) in promises.items():
        if promised != measured:
            yield f"{what}: {promised} expected, {measured} found"
    if abs(found.av_offset_ms) >= MOST_OFFSET_MS:
        yield f"sound is {found.av_offset_ms:.1f} ms off the picture"
    if found.loudness_lufs is None or abs(found.loudness_lufs - _LUFS) > _TOLERANCE_LU:
        yield f"loudness is {found.loudness_lufs} LUFS"


def _line(found: Measured) -> str:
    loudness = "silent" if found.loudness_lufs is None else f"{found.loudness_lufs:.1f} LUFS"
    return (
        f"{found.duration_seconds:.2f} s, {found.width}x{found.height},"
        f" {found.size_bytes / 1e6:.1f} MB, {loudness}, A/V {found.av_offset_ms:+.1f} ms"
    )


def _wall_s(job: Job) -> float:
    began, ended = (datetime.fromisoformat(job[name]) for name in ("created_at", "completed_at"))
    return (ended - began).total_seconds()


def _sha256(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
