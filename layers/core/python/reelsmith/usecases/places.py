"""A place to send a file to: a form for all of it, or signed URLs for its parts.

A form fixes size and SHA-256, and the store refuses anything else. Parts fix their sizes; the
SHA-256 of the whole is checked when they are joined. Parts that are not joined are deleted by the
bucket's rule after a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reelsmith.domain import audit, rights
from reelsmith.domain.assets import Asset, AssetStatus
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Caller
from reelsmith.domain.rights import Act
from reelsmith.errors import Conflict, Invalid, NotFound
from reelsmith.ports import Deps, Made, PostForm
from reelsmith.storage import keys
from reelsmith.usecases import assets, uploads
from reelsmith.usecases.once import Once, record
from reelsmith.usecases.uploads import File

FORM_SECONDS = 900
PART_SECONDS = 3_600
PARTS_ABOVE_BYTES = 100_000_000
PARTS_SHOWN = 100
PARTS_MOST = 1_000
_PART_LEAST, _PART_MOST, _MIB = 8 << 20, 64 << 20, 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """Where to PUT one part, and how many bytes it has."""

    number: int
    url: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Parts:
    """Some parts of a file in order; `next_part` is the first one that is not among them."""

    part_size_bytes: int
    count: int
    parts: tuple[Part, ...]
    next_part: int | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """An upload, and while it waits the form or the parts that it is sent by."""

    asset: Asset
    form: PostForm | None = None
    parts: Parts | None = None


def ask(
    deps: Deps,
    *,
    caller: Caller,
    file: File,
    multipart: bool | None = None,
    once: Once | None = None,
) -> Made[Place]:
    """A waiting asset and the place for its bytes; parts when wished or above 100 MB.

    Raises:
        Forbidden: the caller sends no files.
        KeyReused: the idempotency key stands for another request.
        NotFound: as `Assets.add`.
    """
    rights.require(caller, Act.ASSETS_CREATE)
    told = record(deps, caller, once)
    earlier = deps.assets.replay(caller.tenant, told) if told else None
    if earlier:
        return Made(_place(deps, earlier), replayed=True)
    asset, entry = uploads.announced(
        deps,
        caller,
        file,
        asset_id=(asset_id := deps.new_id(Kind.ASSET)),
        key=keys.upload(caller.tenant, asset_id),
        action="asset.requested",
    )
    if file.size_bytes > PARTS_ABOVE_BYTES if multipart is None else multipart:
        begun = deps.store.begin_parts(asset.key, content_type=file.content_type)
        asset = asset.model_copy(update={"multipart": begun})
    stored = deps.assets.add(asset, entry=entry, idempotency=told)
    if stored.id != asset.id:  # a twin of this request was faster
        uploads.let_go(deps, asset)
    return Made(_place(deps, stored), replayed=stored.id != asset.id)


def parts(deps: Deps, *, caller: Caller, asset_id: str, first: int) -> Parts:
    """Fresh URLs for the parts from number `first` on.

    Raises:
        Conflict: the file comes by a form, or has come.
        Forbidden, NotFound: as `rights.require_on`.
        Invalid: there is no part of this number.
    """
    asset = _waiting(deps, caller, asset_id)
    count = _count(asset)
    if not 1 <= first <= count:
        raise Invalid.field(
            "?first", f"there are parts 1 to {count}", remedy="send `next_part` as it came"
        )
    return _parts(deps, asset, first)


def complete(
    deps: Deps, *, caller: Caller, asset_id: str, sent: Sequence[tuple[int, str]]
) -> Asset:
    """Join the (number, entity tag) parts; the file is checked next. Twice is once.

    Raises:
        Conflict: the file comes by a form, or its parts were given up.
        Forbidden, NotFound: as `rights.require_on`.
        Invalid: parts are missing, or are not what was sent.
    """
    asset = assets.look(deps, caller=caller, asset_id=asset_id, act=Act.ASSETS_CHANGE)
    if asset.multipart and asset.status is not AssetStatus.WAITING:
        return asset
    upload, count = _upload(asset), _count(asset)
    if [number for number, _ in sent] != list(range(1, count + 1)):
        raise Invalid.field(
            "/parts",
            f"this file has the parts 1 to {count}, each once and in order",
            remedy="send all of them, as their PUTs answered",
        )
    try:
        deps.store.join_parts(asset.key, upload, sent)
    except NotFound as gone:
        if deps.store.head(asset.key) is None:
            raise Conflict("its parts are gone; ask for a new upload") from gone
    return asset


def give_up(deps: Deps, *, caller: Caller, asset_id: str) -> None:
    """Forget an upload that is not ready, with what came of it.

    Raises:
        Conflict: it is ready.
        Forbidden, NotFound: as `rights.require_on`.
    """
    asset = assets.look(deps, caller=caller, asset_id=asset_id, act=Act.ASSETS_DELETE)
    if asset.status is AssetStatus.READY:
        raise Conflict(f"asset {asset_id} is ready; DELETE /v1/assets/{asset_id} removes it")
    uploads.let_go(deps, asset)
    entry = audit.by_caller(
        caller,
        entry_id=deps.new_id(Kind.EVENT),
        action="asset.given_up",
        resource=asset_id,
        at=deps.now(),
    )
    deps.assets.remove(asset, entry=entry)


def part_bytes(size_bytes: int) -> int:
    """Size of all parts but the last: whole MiB, so that there are at most 1,000 of them."""
    even = -(-size_bytes // PARTS_MOST)
    return min(max(-(-even // _MIB) * _MIB, _PART_LEAST), _PART_MOST)


def _place(deps: Deps, asset: Asset) -> Place:
    if asset.status is not AssetStatus.WAITING:
        return Place(asset)
    if asset.multipart:
        return Place(asset, parts=_parts(deps, asset, 1))
    form = deps.store.post_form(
        asset.key,
        content_type=asset.content_type,
        size_bytes=asset.size_bytes,
        sha256=asset.sha256,
        seconds=FORM_SECONDS,
    )
    return Place(asset, form=form)


def _parts(deps: Deps, asset: Asset, first: int) -> Parts:
    upload, each, count = _upload(asset), part_bytes(asset.size_bytes), _count(asset)
    end = min(first + PARTS_SHOWN, count + 1)
    made = []
    for number in range(first, end):
        size = min(each, asset.size_bytes - (number - 1) * each)
        url = deps.store.part_url(asset.key, upload, number, size_bytes=size, seconds=PART_SECONDS)
        made.append(Part(number, url, size))
    ends = deps.now() + timedelta(seconds=PART_SECONDS)
    return Parts(each, count, tuple(made), end if end <= count else None, ends)


def _waiting(deps: Deps, caller: Caller, asset_id: str) -> Asset:
    asset = assets.look(deps, caller=caller, asset_id=asset_id, act=Act.ASSETS_CHANGE)
    if asset.status is not AssetStatus.WAITING:
        raise Conflict(f"asset {asset_id} is {asset.status}; nothing is to be sent")
    return asset


def _upload(asset: Asset) -> str:
    if not asset.multipart:
        raise Conflict("this file does not come in parts; it is sent by its form")
    return asset.multipart


def _count(asset: Asset) -> int:
    return -(-asset.size_bytes // part_bytes(asset.size_bytes))
