"""Files come in: ask for a place, send the bytes, have them checked and kept."""

from dataclasses import dataclass
from datetime import timedelta

from reelsmith.domain import audit, events, rights
from reelsmith.domain.assets import CONTENT_TYPES, MAX_BYTES, Asset, AssetStatus, FileType
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Caller
from reelsmith.domain.rights import Act
from reelsmith.errors import Conflict, Invalid, MediaError
from reelsmith.media import gate
from reelsmith.ports import Deps, Stored
from reelsmith.storage import keys


@dataclass(frozen=True, slots=True)
class File:
    """What is said of a caller's file; `name` is for people only."""

    name: str
    content_type: str
    file_type: FileType
    size_bytes: int
    sha256: str


def described(*, filename: str, content_type: str, size_bytes: int, sha256: str) -> File:
    """A file that a caller announces. Raises Invalid when it is of no type or size we take."""
    _admit(content_type, size_bytes)
    return File(filename, content_type, CONTENT_TYPES[content_type], size_bytes, sha256)


def announced(
    deps: Deps, caller: Caller, file: File, *, asset_id: str, key: str, action: str
) -> tuple[Asset, AuditEntry]:
    """A waiting asset for a caller's file under `key`, kept for a while, and its audit entry."""
    now = deps.now()
    asset = Asset(
        id=asset_id,
        tenant=caller.tenant,
        owner=caller.owner,
        original_filename=file.name,
        key=key,
        size_bytes=file.size_bytes,
        content_type=file.content_type,
        file_type=file.file_type,
        sha256=file.sha256,
        expires_at=now + timedelta(days=deps.settings.retention_days),
        created_at=now,
    )
    entry = audit.by_caller(
        caller,
        entry_id=deps.new_id(Kind.EVENT),
        action=action,
        resource=asset_id,
        at=now,
        size_bytes=file.size_bytes,
    )
    return asset, entry


def read(deps: Deps, *, caller: Caller, asset_id: str) -> Asset:
    """One of the tenant's assets, as it stands now. Raises NotFound."""
    asset = deps.assets.get(caller.tenant, asset_id)
    rights.require_on(caller, Act.ASSETS_READ, asset, called=f"asset {asset_id}")
    return arrive(deps, asset)


def let_go(deps: Deps, asset: Asset) -> None:
    """Drop what came in parts of a file that nobody waits for any more. Twice is once."""
    if asset.multipart and asset.status is AssetStatus.WAITING:
        deps.store.drop_parts(asset.key, asset.multipart)


def arrive(deps: Deps, asset: Asset, *, thorough: bool = False) -> Asset:
    """Look whether a waiting asset's bytes are there; check them, keep them by their content.

    An asset that waits on, is ready or was rejected comes back as it stands. The store does not
    know the SHA-256 of what came in parts: such a file is read whole, and only if `thorough`,
    by those who have the time for it.
    """
    if asset.status is not AssetStatus.WAITING or (asset.multipart and not thorough):
        return asset
    found = deps.store.head(asset.key)
    if found is None:
        late = asset.due_at is not None and deps.now() >= asset.due_at
        return reject(deps, asset, "it did not come from its URL in time") if late else asset
    known = _learnt(deps, asset, found)
    fault = _fault(deps, known, found)
    if fault:
        return reject(deps, asset, fault)
    # this version: what is fetched twice may be put there twice, and differ
    return keep(deps, known, source=asset.key, version=found.version, was=asset)


def keep(
    deps: Deps,
    asset: Asset,
    *,
    source: str,
    version: str | None = None,
    was: Asset | None = None,
) -> Asset:
    """Copy checked bytes to where their content says, and count their use.

    `was` is the asset as it is stored, where more is known of it by now.

    The same bytes may be collected as unused between the two; once their use is counted nobody
    collects them, so they are looked for then and copied again.
    """
    key = keys.media(asset.tenant, asset.sha256)
    deps.store.copy(source, key, version=version)
    ready = asset.model_copy(
        update={"key": key, "status": AssetStatus.READY, "uploaded_at": deps.now()}
    )
    entry = audit.by_system(
        asset.tenant,
        entry_id=deps.new_id(Kind.EVENT),
        action="asset.ready",
        resource=asset.id,
        at=deps.now(),
        status=[asset.status, AssetStatus.READY],
        sha256=asset.sha256,
    )
    kept = deps.assets.ready(was or asset, ready, entry=entry)
    if deps.store.head(key) is None:
        deps.store.copy(source, key, version=version)
    return kept


def reject(deps: Deps, asset: Asset, fault: str) -> Asset:
    """A waiting asset's bytes are no good, or will not come; `fault` says why, to be shown."""
    entry = audit.by_system(
        asset.tenant,
        entry_id=deps.new_id(Kind.EVENT),
        action="asset.rejected",
        resource=asset.id,
        at=deps.now(),
        status=[asset.status, AssetStatus.REJECTED],  # the fault may name the caller's file
    )
    rejected = asset.model_copy(update={"status": AssetStatus.REJECTED, "refusal": fault})
    try:
        return deps.assets.reject(asset, rejected, entry=entry)
    except Conflict:
        return deps.assets.get(asset.tenant, asset.id)


def expire(deps: Deps, *, limit: int = 100) -> int:
    """Remove assets whose time is over, then bytes that nothing uses; how many assets went."""
    now = deps.now()
    over = deps.assets.expired(now, limit=limit)
    for asset in over:
        entry = audit.by_system(
            asset.tenant,
            entry_id=deps.new_id(Kind.EVENT),
            action="asset.expired",
            resource=asset.id,
            at=now,
        )
        deps.events.add(events.of_expired_file(asset, at=now))  # first: who dies tells it again
        deps.assets.remove(asset, entry=entry)
        deps.store.delete(keys.upload(asset.tenant, asset.id))
    for tenant, sha256 in deps.assets.garbage(limit=limit):
        _collect(deps, tenant, sha256)
    return len(over)


def _collect(deps: Deps, tenant: str, sha256: str) -> None:
    key = keys.media(tenant, sha256)
    deps.assets.collect(tenant, sha256, lambda: deps.store.delete(key))


def _admit(content_type: str, size_bytes: int) -> None:
    file_type = CONTENT_TYPES.get(content_type)
    if file_type is None:
        raise Invalid.field(
            "/content_type",
            f"{content_type!r} is not taken",
            remedy=f"send one of {', '.join(sorted(CONTENT_TYPES))}",
        )
    most = MAX_BYTES[file_type]
    if size_bytes > most:
        raise Invalid.field(
            "/size_bytes",
            f"{size_bytes} bytes are more than the {most} taken of {file_type} files",
            remedy="send a smaller file",
        )


def _learnt(deps: Deps, asset: Asset, found: Stored) -> Asset:
    """What its bytes tell of a file of which nothing was announced; another as it is."""
    if asset.sha256:
        return asset
    told = {"size_bytes": found.size_bytes, "sha256": found.sha256 or deps.store.digest(asset.key)}
    if asset.file_type is FileType.OTHER:
        head = _head(deps, asset, found)
        if form := gate.sniff(head):
            told |= {"file_type": gate.kind(head), "content_type": gate.CONTENT_TYPES[form]}
    return asset.model_copy(update=told)


def _fault(deps: Deps, asset: Asset, found: Stored) -> str | None:
    """What is wrong with the bytes that came, if anything."""
    if found.size_bytes != asset.size_bytes:
        return f"{found.size_bytes} bytes came, {asset.size_bytes} were announced"
    if (found.sha256 or deps.store.digest(asset.key)) != asset.sha256:
        return "the bytes do not have the announced SHA-256"
    head = _head(deps, asset, found)
    try:
        gate.check(
            head,
            name=asset.original_filename,
            wanted=asset.file_type,
            size_bytes=found.size_bytes,
        )
    except MediaError as refused:
        return refused.detail
    return None


def _head(deps: Deps, asset: Asset, found: Stored) -> bytes:
    if not found.size_bytes:
        return b""  # S3 has no range of an empty object
    return deps.store.read(asset.key, version=found.version, first=gate.HEAD_BYTES)
