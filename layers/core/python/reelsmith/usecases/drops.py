"""Drop folders: files and a sidecar come in, a film goes out, and every file has its place.

A set is a folder `in/<name>/` with pictures, perhaps music and a voice-over, and a sidecar
`reel.yaml` or `reel.json` that arrives last. What is in it then is taken: later changes to the
folder change nothing. Results go to `out/<name>/`; the sources move to `done/` or `failed/`.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from reelsmith.domain.assets import Asset, FileType
from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import Job, JobStatus
from reelsmith.domain.people import DROP_OWNER, Caller, Role
from reelsmith.domain.quotas import QuotaName
from reelsmith.errors import FieldFault, Invalid, NotFound, OverQuota, ReelsmithError
from reelsmith.media import gate
from reelsmith.ports import Deps, Made, Stored
from reelsmith.storage import keys
from reelsmith.usecases import jobs, papers, sidecars, uploads
from reelsmith.usecases.once import Once

SIDECARS = ("reel.yaml", "reel.yml", "reel.json")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that appeared in a drop folder. `stamp` tells one writing of it from the next."""

    tenant: str
    name: str
    file: str
    version: str | None
    stamp: str


def parse(key: str, *, version: str | None, stamp: str) -> Arrival | None:
    """What a key in the bucket says of an arrival, or None when it is no file of a set."""
    found = re.fullmatch(rf"{keys.DROP}([^/]+)/in/([^/]+)/([^/]+)", key)
    return Arrival(found[1], found[2], found[3], version, stamp) if found else None


def accept(deps: Deps, arrival: Arrival) -> Made[Job] | None:
    """Take a set in when its sidecar arrives. The same arrival twice makes one job.

    A set that cannot be a job moves to `failed/` with an `error.json`; None is given then, as for
    a file that is not a sidecar or a tenant that is not there.
    """
    if arrival.file not in SIDECARS or not _is_open(deps, arrival.tenant):
        return None
    try:
        return _take(deps, arrival)
    except ReelsmithError as error:
        if error.retryable and not _lasts(error):
            raise
        _turn_away(deps, arrival, error)
        return None


def settle(deps: Deps, job: Job) -> None:
    """Put what became of a dropped set into its folders. May be repeated at any point."""
    if not job.drop or not job.status.final:
        return
    if job.status is JobStatus.COMPLETED and job.result:
        with suppress(NotFound):  # its film was taken away before it was delivered
            _deliver(deps, job.tenant, job.drop, job.result.video_id)
        told = keys.drop(job.tenant, "out", job.drop, "job.json")
        _note(deps, told, job.model_dump_json(indent=2))
        _move(deps, job.tenant, job.drop, "done")
    else:
        _move(deps, job.tenant, job.drop, "failed")
        failure = {"job_id": job.id, "status": job.status, **_reason(job)}
        told = keys.drop(job.tenant, "failed", job.drop, "error.json")
        _note(deps, told, json.dumps(failure, indent=2, ensure_ascii=False))
    deps.jobs.settled(job.tenant, job.id)


def _deliver(deps: Deps, tenant: str, name: str, video_id: str) -> None:
    """Copy a film and its subtitles to the set's `out`. Raises NotFound."""
    video = deps.videos.get(tenant, video_id)
    deps.store.copy(video.key, keys.drop(tenant, "out", name, "film.mp4"))
    for paper in (papers.SRT, papers.VTT):
        if paper in video.beside:
            deps.store.copy(keys.beside(video.key, paper), keys.drop(tenant, "out", name, paper))


def _reason(job: Job) -> dict[str, object]:
    return job.error.model_dump() if job.error else {}


def _is_open(deps: Deps, tenant: str) -> bool:
    try:
        return deps.people.tenant(tenant).active
    except NotFound:
        return False


def _take(deps: Deps, arrival: Arrival) -> Made[Job]:
    caller = Caller(tenant=arrival.tenant, owner=DROP_OWNER, role=Role.USER)
    sidecar_key = keys.drop(arrival.tenant, "in", arrival.name, arrival.file)
    body = deps.store.read(sidecar_key, version=arrival.version)
    once = Once(
        key=f"{arrival.name}/{arrival.stamp}", fingerprint=hashlib.sha256(body).hexdigest()
    )
    earlier = jobs.replayed(deps, caller=caller, once=once)
    if earlier:
        return earlier
    order = sidecars.read(body, file=arrival.file)
    files = _files(deps, arrival)
    chosen = sidecars.choose(order, sorted(files))
    taken = {
        file: _keep(deps, caller, files[file], file=file, wanted=wanted)
        for file, wanted in chosen.files.items()
    }
    spec = order.spec(chosen, {file: asset.id for file, asset in taken.items()})
    film = jobs.Wanted(
        title=order.title or arrival.name[:200],
        spec=spec,
        priority=order.priority,
        drop=arrival.name,
    )
    return jobs.submit(deps, caller=caller, wanted=film, once=once)


def _files(deps: Deps, arrival: Arrival) -> Mapping[str, Stored]:
    """The set's files by name, less the sidecars and what is not a file of its own."""
    prefix = keys.drop(arrival.tenant, "in", arrival.name)
    found = {stored.key.removeprefix(prefix): stored for stored in deps.store.list(prefix)}
    return {
        file: stored
        for file, stored in found.items()
        if file and "/" not in file and file not in SIDECARS and not file.startswith(".")
    }


def _keep(deps: Deps, caller: Caller, stored: Stored, *, file: str, wanted: FileType) -> Asset:
    """Make an asset of one version of a dropped file; a later version is not seen."""
    pinned = deps.store.head(stored.key)
    if pinned is None:
        raise Invalid.field(f"/{file}", "the file went away", remedy="drop the whole set again")
    content_type, sha256 = _identify(deps, file, pinned, wanted)
    described = uploads.File(file[-255:], content_type, wanted, pinned.size_bytes, sha256)
    asset, entry = uploads.announced(
        deps,
        caller,
        described,
        asset_id=deps.new_id(Kind.ASSET),
        key=stored.key,
        action="asset.dropped",
    )
    stored_asset = deps.assets.add(asset, entry=entry)
    return uploads.keep(deps, stored_asset, source=stored.key, version=pinned.version)


def _identify(deps: Deps, file: str, pinned: Stored, wanted: FileType) -> tuple[str, str]:
    """The content type and SHA-256 of a file of a set. Raises MediaError when it is no good."""
    with TemporaryDirectory() as scratch:
        local = deps.store.fetch(pinned.key, Path(scratch, "in"), version=pinned.version)
        with local.open("rb") as opened:
            form = gate.check(
                opened.read(gate.HEAD_BYTES),
                name=file,
                wanted=wanted,
                size_bytes=pinned.size_bytes,
            )
            opened.seek(0)
            return f"{wanted}/{form.lower()}", hashlib.file_digest(opened, "sha256").hexdigest()


def _lasts(error: ReelsmithError) -> bool:
    """Whether it outlasts the tries of the queue: a day's, a month's or the store's quota does."""
    return isinstance(error, OverQuota) and error.name != QuotaName.ACTIVE_JOBS


def _turn_away(deps: Deps, arrival: Arrival, error: ReelsmithError) -> None:
    faults: tuple[FieldFault, ...] = error.faults if isinstance(error, Invalid) else ()
    receipt = {
        "code": error.code,
        "detail": error.detail,
        "errors": [fault.model_dump() for fault in faults],
    }
    _move(deps, arrival.tenant, arrival.name, "failed")
    body = json.dumps(receipt, indent=2, ensure_ascii=False)
    _note(deps, keys.drop(arrival.tenant, "failed", arrival.name, "error.json"), body)


def _move(deps: Deps, tenant: str, name: str, box: str) -> None:
    """Move a set's files out of `in/`. What was moved already is not there to be moved again."""
    prefix = keys.drop(tenant, "in", name)
    for stored in deps.store.list(prefix):
        file = stored.key.removeprefix(prefix)
        deps.store.copy(stored.key, keys.drop(tenant, box, name, file))
        deps.store.delete(stored.key)


def _note(deps: Deps, key: str, text: str) -> None:
    deps.store.write(text.encode(), key, content_type="application/json")
