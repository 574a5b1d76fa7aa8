"""Files come in by themselves: a caller says where they are, and we go and fetch them.

What goes out to callers' URLs may do nothing else: it can put a file among the uploads, or a note
that says why there is none, and reads neither rows nor files. Whatever becomes of it, a file that
has not come by its time counts as refused when somebody next looks.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict

from reelsmith.domain import rights
from reelsmith.domain.assets import CONTENT_TYPES, MAX_BYTES, Asset, AssetStatus, FileType
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Caller
from reelsmith.domain.rights import Act
from reelsmith.errors import Invalid, NotFound, TooMany, Unavailable
from reelsmith.ports import Deps, Fetched, Made
from reelsmith.storage import keys
from reelsmith.usecases import uploads
from reelsmith.usecases.once import Once, record

FETCH_S = 720.0  # of one try; what came is put away in what is left of the function's time
DUE = timedelta(hours=4)  # all tries, each as late as its queue may bring it
PER_MINUTE, BURST = 30, 100  # fetches that a tenant may ask for
UNKNOWN_TYPE = "application/octet-stream"


class Order(BaseModel):
    """What the function that goes out is told, and all that it knows."""

    model_config = ConfigDict(frozen=True)

    tenant: str
    asset_id: str
    url: str
    content_type: str
    most_bytes: int
    due_at: AwareDatetime


def ask(
    deps: Deps,
    *,
    caller: Caller,
    source_url: str,
    filename: str | None = None,
    content_type: str | None = None,
    once: Once | None = None,
) -> Made[Asset]:
    """A waiting asset whose bytes we fetch. It ends as ready or rejected.

    Raises:
        Forbidden: the caller sends no files.
        Invalid: a URL of a kind that we do not go to, or a type that is not taken.
        TooMany: the tenant has asked for many files just now.
        KeyReused: the key stands for another request.
        Unavailable: it could not be noted down; the same key takes it up again.
    """
    rights.require(caller, Act.ASSETS_CREATE)
    key = record(deps, caller, once)
    earlier = deps.assets.replay(caller.tenant, key) if key else None
    if earlier:
        if earlier.status is AssetStatus.WAITING:
            # the order is placed after the row is written, and may never have been
            _take_turn(deps, caller)
            _place(deps, earlier, source_url)
        return Made(earlier, replayed=True)
    deps.fetcher.check(source_url)
    file = _described(source_url, filename, content_type)
    _take_turn(deps, caller)
    asset, entry = _announced(deps, caller, file, asset_id=deps.new_id(Kind.ASSET))
    stored = deps.assets.add(asset, entry=entry, idempotency=key)
    _place(deps, stored, source_url)
    return Made(stored, replayed=stored.id != asset.id)


def bring_for(deps: Deps, *, caller: Caller, source_url: str, asset_id: str) -> Asset:
    """The asset of this id whose bytes we fetch, ordered now if it was not. Twice is once.

    Raises:
        Invalid: a URL of a kind that we do not go to.
        TooMany: the tenant has asked for many files just now.
        NotFound: its owner makes nothing more.
    """
    try:
        stored = deps.assets.get(caller.tenant, asset_id)
    except NotFound:
        deps.fetcher.check(source_url)
        _take_turn(deps, caller)
        file = _described(source_url, None, None)
        asset, entry = _announced(deps, caller, file, asset_id=asset_id)
        stored = deps.assets.add(asset, entry=entry)
    if stored.status is AssetStatus.WAITING:
        _place(deps, stored, source_url)
    return stored


def bring(deps: Deps, order: Order, *, last_try: bool) -> Fetched | None:
    """Fetch a file and put it among the uploads, or a note why not; None then.

    Twice makes the same object, or another one of what the URL holds by then.

    Raises:
        Unavailable: it may come at another time, and there is another try.
    """
    if deps.now() >= order.due_at:
        return None
    with _place_for(order.asset_id) as into:
        try:
            fetched = deps.fetcher.fetch(
                order.url, into, most_bytes=order.most_bytes, timeout_s=FETCH_S
            )
        except (Invalid, Unavailable) as failure:
            if failure.retryable and not last_try:
                raise
            _note(deps, order, f"it could not be fetched: {_why(failure)}")
            return None
        deps.store.put(
            into, keys.upload(order.tenant, order.asset_id), content_type=order.content_type
        )
        return fetched


def give_up(deps: Deps, *, tenant: str, asset_id: str) -> Asset:
    """Nothing came of a URL: the asset is rejected with the reason that was noted.

    Where an earlier try has brought the file after all, that counts. Raises NotFound.
    """
    asset = uploads.arrive(deps, deps.assets.get(tenant, asset_id), thorough=True)
    if asset.status is not AssetStatus.WAITING:
        return asset
    note = json.loads(deps.store.read(keys.not_fetched(tenant, asset_id)))
    return uploads.reject(deps, asset, str(note["detail"]))


def _announced(
    deps: Deps, caller: Caller, file: uploads.File, *, asset_id: str
) -> tuple[Asset, AuditEntry]:
    asset, entry = uploads.announced(
        deps,
        caller,
        file,
        asset_id=asset_id,
        key=keys.upload(caller.tenant, asset_id),
        action="asset.fetch_requested",
    )
    return asset.model_copy(update={"due_at": asset.created_at + DUE}), entry


def _place(deps: Deps, asset: Asset, url: str) -> None:
    if asset.due_at is None:
        return
    order = Order(
        tenant=asset.tenant,
        asset_id=asset.id,
        url=url,
        content_type=asset.content_type,
        most_bytes=MAX_BYTES.get(asset.file_type, max(MAX_BYTES.values())),
        due_at=asset.due_at,
    )
    deps.errands.place(order.model_dump(mode="json"))


def _described(url: str, filename: str | None, content_type: str | None) -> uploads.File:
    """What is known of a file before it came. Raises Invalid."""
    if content_type is not None and content_type not in CONTENT_TYPES:
        raise Invalid.field(
            "/content_type",
            f"{content_type!r} is not taken",
            remedy=f"leave it out, or send one of {', '.join(sorted(CONTENT_TYPES))}",
        )
    return uploads.File(
        name=filename or _name_in(url),
        content_type=content_type or UNKNOWN_TYPE,
        file_type=CONTENT_TYPES[content_type] if content_type else FileType.OTHER,
        size_bytes=0,
        sha256="",
    )


def _name_in(url: str) -> str:
    """The last part of a URL's path as a name for people."""
    last = unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2], errors="replace")
    printable = "".join(mark for mark in last if mark.isprintable())
    return printable[-255:] or "file"


def _take_turn(deps: Deps, caller: Caller) -> None:
    wait_s = deps.limits.take(
        "fetches", per_minute=PER_MINUTE, burst=BURST, at=deps.now(), tenant=caller.tenant
    )
    if wait_s:
        raise TooMany("many files have been asked for just now", retry_after_s=wait_s)


def _why(failure: Invalid | Unavailable) -> str:
    """The reason alone, without the field that it is about."""
    faults = failure.faults if isinstance(failure, Invalid) else ()
    return faults[0].detail if faults else failure.detail


def _note(deps: Deps, order: Order, detail: str) -> None:
    body: dict[str, Any] = {"asset_id": order.asset_id, "detail": detail}
    deps.store.write(
        json.dumps(body, ensure_ascii=False).encode(),
        keys.not_fetched(order.tenant, order.asset_id),
        content_type="application/json",
    )


@contextmanager
def _place_for(asset_id: str) -> Iterator[Path]:
    """Where a file may come to lie. What came of it stays for the next try, others' goes."""
    room = _room_of()
    for left in room.iterdir():
        if not left.name.startswith(f"{asset_id}."):
            left.unlink()
    into = room / asset_id
    try:
        yield into
    finally:
        into.unlink(missing_ok=True)


def _room_of() -> Path:
    return Path(_room().name)


@cache
def _room() -> TemporaryDirectory[str]:
    """A folder of this process: it lives for more than one order, and holds one file."""
    return TemporaryDirectory(prefix="reelsmith-fetch-")
