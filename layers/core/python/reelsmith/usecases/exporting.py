"""All that is stored of a user, exported: asked for at once, written page by page in rounds.

The parts are NDJSON: each line is `{"section": ..., "data": ...}`. The manifest comes last; it
counts the lines, names the parts with their SHA-256, and lists the objects of the user's media.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reelsmith import aws
from reelsmith.domain import audit, rights
from reelsmith.domain.exports import Export, ExportStatus, Part, Section, following
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Caller
from reelsmith.domain.rights import Act
from reelsmith.errors import ReelsmithError
from reelsmith.ports import Deps, Made
from reelsmith.storage import keys
from reelsmith.telemetry import log
from reelsmith.usecases import once as onces
from reelsmith.usecases.erasing import Subject
from reelsmith.usecases.once import Once

KEPT = timedelta(days=7)
URL_SECONDS = 900
PAGE = 200  # things in a part: some hundred kB
_AT_ONCE = 10
_NDJSON, _JSON = "application/x-ndjson", "application/json"


@dataclass(frozen=True, slots=True)
class Exported:
    """An export with URLs of its files by name, until `urls_expire_at`; none while it is made."""

    export: Export
    urls: Mapping[str, str]
    urls_expire_at: datetime


def order(deps: Deps, *, caller: Caller, user_id: str, once: Once | None = None) -> Made[Export]:
    """Have everything exported that is stored of a user; a round of the housekeeping writes it.

    Raises:
        Forbidden, NotFound: as `rights.require_on`; also when there is no such user.
        KeyReused: the idempotency key stands for another request.
    """
    rights.require_on(caller, Act.USERS_EXPORT, Subject(user_id), called=f"user {user_id}")
    now = deps.now()
    export = Export(
        id=deps.new_id(Kind.EXPORT),
        tenant=caller.tenant,
        owner=user_id,
        asked_by=caller.owner,
        section=Section.PROFILE,
        created_at=now,
        updated_at=now,
        expires_at=now + KEPT,
    )
    entry = audit.by_caller(
        caller,
        entry_id=deps.new_id(Kind.EVENT),
        action="user.export_ordered",
        resource=user_id,
        at=now,
        export=export.id,
    )
    record = onces.record(deps, caller, once)
    return deps.exports.add(export, entry=entry, idempotency=record)


def read(deps: Deps, *, caller: Caller, export_id: str) -> Exported:
    """An export, and once it is written URLs of its files. Raises Forbidden, NotFound."""
    now = deps.now()
    export = deps.exports.get(caller.tenant, export_id, at=now)
    rights.require_on(caller, Act.USERS_EXPORT, export, called=f"export {export_id}")
    files = (*export.parts, export.manifest) if export.manifest else ()
    urls = {
        file.name: deps.store.signed_url(
            keys.export(export.tenant, export.id, file.name),
            filename=file.name,
            seconds=URL_SECONDS,
        )
        for file in files
    }
    return Exported(export, urls, now + timedelta(seconds=URL_SECONDS))


def advance(deps: Deps, *, seconds: float) -> int:
    """Go on writing what was ordered, for so long; how many exports were finished."""
    until = deps.now() + timedelta(seconds=seconds)
    finished = 0
    for listed in deps.exports.due(limit=_AT_ONCE):
        export = listed
        try:
            while deps.now() <= until and export.status is not ExportStatus.COMPLETED:
                export = _step(deps, export)
        except (ReelsmithError, *aws.FAILURES):  # the others go on
            log.exception("an export halts", extra={"export": export.id})
        finished += export.status is ExportStatus.COMPLETED
    return finished


def _step(deps: Deps, export: Export) -> Export:
    """One page more, or the manifest. The same step done again writes the same file."""
    if export.section is None:
        return _finished(deps, export)
    told = deps.exports.tell(export, export.section, after=export.after, limit=PAGE)
    lines = [_line(deps, export.section, data) for data in told.lines]
    parts = export.parts
    if lines:
        name = f"part-{len(parts) + 1:05d}.ndjson"
        body = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines).encode()
        parts = (*parts, _file(deps, export, name, body, lines=len(lines), kind=_NDJSON))
    counts = {**export.counts}
    counts[export.section] = counts.get(export.section, 0) + len(lines)
    on = export.model_copy(
        update={
            "status": ExportStatus.PROCESSING,
            "section": export.section if told.after else following(export.section),
            "after": told.after,
            "parts": parts,
            "counts": counts,
            "updated_at": deps.now(),
        }
    )
    return deps.exports.save(export, on)


def _line(deps: Deps, section: Section, data: Mapping[str, Any]) -> dict[str, Any]:
    line: dict[str, Any] = {"section": section.value, "data": data}
    if section is Section.VIDEOS:
        found = deps.store.list(keys.beside(data["key"], ""))
        line["objects"] = [{"key": one.key, "size_bytes": one.size_bytes} for one in found]
    if section is Section.BATCHES:
        found = deps.store.list(keys.batch(data["tenant"], data["id"]))
        line["objects"] = [{"key": one.key, "size_bytes": one.size_bytes} for one in found]
    if section is Section.ASSETS:
        line["objects"] = [{"key": data["key"], "size_bytes": data["size_bytes"]}]
    return line


def _finished(deps: Deps, export: Export) -> Export:
    manifest = {
        "export": export.id,
        "user": export.owner,
        "created_at": export.created_at.isoformat(),
        "counts": export.counts,
        "parts": [part.model_dump() for part in export.parts],
        "objects": list(_objects(deps, export)),
    }
    body = json.dumps(manifest, ensure_ascii=False).encode()
    done = export.model_copy(
        update={
            "status": ExportStatus.COMPLETED,
            "manifest": _file(deps, export, "manifest.json", body, lines=1, kind=_JSON),
            "updated_at": deps.now(),
        }
    )
    entry = audit.by_system(
        export.tenant,
        entry_id=deps.new_id(Kind.EVENT),
        action="export.completed",
        resource=export.id,
        at=deps.now(),
        parts=len(export.parts),
    )
    return deps.exports.save(export, done, entry=entry)


def _objects(deps: Deps, export: Export) -> Iterable[Mapping[str, Any]]:
    """The media objects that the parts tell of."""
    for part in export.parts:
        for line in deps.store.read(keys.export(export.tenant, export.id, part.name)).splitlines():
            yield from json.loads(line).get("objects", ())


def _file(deps: Deps, export: Export, name: str, body: bytes, *, lines: int, kind: str) -> Part:
    deps.store.write(body, keys.export(export.tenant, export.id, name), content_type=kind)
    digest = hashlib.sha256(body).hexdigest()
    return Part(name=name, lines=lines, size_bytes=len(body), sha256=digest)
