"""The files of a dropped set become assets: one version of each, whatever is put over it later."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from reelsmith.domain.assets import DECKS, Asset, FileType
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Caller
from reelsmith.errors import Invalid
from reelsmith.media import gate
from reelsmith.ports import Deps, Stored
from reelsmith.usecases import uploads
from reelsmith.usecases.boxes import ORDERS, Boxes

_MOST_FILES = 300
_NAME_MOST = 255


def material(boxes: Boxes) -> tuple[str, ...]:
    """Names of the files that a sidecar may mean, in order. Raises Invalid: they are too many."""
    found = sorted(file for file in boxes.stored() if file not in ORDERS)
    if len(found) > _MOST_FILES:
        raise Invalid.field(
            "/", f"{len(found)} files are in the folder", remedy=f"drop at most {_MOST_FILES}"
        )
    return tuple(found)


def pin(boxes: Boxes, files: tuple[str, ...]) -> Mapping[str, Stored]:
    """The files with the versions they have now; what went away meanwhile is left out."""
    heads = ((file, boxes.head(file)) for file in files)
    return {file: pinned for file, pinned in heads if pinned}


def keep(
    deps: Deps, caller: Caller, pinned: Stored | None, *, file: str, wanted: FileType
) -> Asset:
    """Make an asset of one version of a dropped file; a later version is not seen.

    Raises:
        Invalid: the file went away.
        MediaError: it is not what its name says, or nothing we take.
        OverQuota, NotFound: as `Assets.add`, and the file may be gone.
    """
    if pinned is None:
        raise Invalid.field(f"/{file}", "the file went away", remedy="drop the whole set again")
    content_type, sha256 = _identify(deps, file, pinned, wanted)
    name = file[-_NAME_MOST:]
    described = uploads.File(name, content_type, wanted, pinned.size_bytes, sha256)
    asset, entry = uploads.announced(
        deps,
        caller,
        described,
        asset_id=deps.new_id(Kind.ASSET),
        key=pinned.key,
        action="asset.dropped",
    )
    stored = deps.assets.add(asset, entry=entry)
    return uploads.keep(deps, stored, source=pinned.key, version=pinned.version)


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
            said = gate.CONTENT_TYPES[form] if wanted in DECKS else f"{wanted}/{form.lower()}"
            return said, hashlib.file_digest(opened, "sha256").hexdigest()
