"""The files that a spec names: whether each is there for the caller, and can be what it should."""

from collections.abc import Mapping

from reelsmith.domain import rights
from reelsmith.domain.assets import DECKS, Asset, AssetStatus, FileType
from reelsmith.domain.people import Caller
from reelsmith.domain.presentations import PresentationSpec
from reelsmith.domain.rights import Act
from reelsmith.domain.specs import SeasonSpec, Spec
from reelsmith.errors import FieldFault, Invalid
from reelsmith.ports import Deps
from reelsmith.usecases import uploads

_SEEN: tuple[FileType, ...] = (FileType.IMAGE, FileType.VIDEO)
_HEARD: tuple[FileType, ...] = (FileType.AUDIO,)


def check(deps: Deps, *, caller: Caller, spec: Spec) -> None:
    """See that every asset the spec names is there for the caller, and of the right type.

    Raises Invalid.
    """
    faults = _of_urls(deps, spec) if isinstance(spec, SeasonSpec) else lonely(spec)
    if not faults:
        found = deps.assets.get_many(caller.tenant, list(spec.material))
        arrived = {name: uploads.arrive(deps, asset) for name, asset in found.items()}
        faults = faults_of(spec, arrived, caller=caller)
    if faults:
        raise Invalid("some of the material cannot be used", faults)


def _of_urls(deps: Deps, spec: SeasonSpec) -> tuple[FieldFault, ...]:
    """The URLs that we would not go to."""
    faults = []
    for n, url in enumerate(spec.urls):
        try:
            deps.fetcher.check(url)
        except Invalid as wrong:
            faults += [one.model_copy(update={"pointer": f"/urls/{n}"}) for one in wrong.faults]
    return tuple(faults)


def lonely(spec: Spec) -> tuple[FieldFault, ...]:
    """What is wrong with the names alone: captions that belong to nothing."""
    if isinstance(spec, SeasonSpec) or not spec.captions_file or spec.voice_over:
        return ()
    return (
        FieldFault(
            pointer="/captions_file",
            detail="there is no voice-over that it belongs to",
            remedy="name a voice_over as well, or leave it out: our voices know their times",
        ),
    )


def faults_of(
    spec: Spec, found: Mapping[str, Asset], *, caller: Caller, waits: bool = False
) -> tuple[FieldFault, ...]:
    """What is wrong with the assets that a spec names, among those `found`.

    With `waits` one whose bytes have not arrived is no fault yet.
    """
    faults = (
        _fault(pointer, asset_id, _visible(caller, found.get(asset_id)), wanted, waits=waits)
        for pointer, asset_id, wanted in _named(spec)
    )
    return tuple(fault for fault in faults if fault)


def _visible(caller: Caller, asset: Asset | None) -> Asset | None:
    far = rights.reach(caller.role, Act.ASSETS_READ)
    return asset if asset and rights.covers(far, caller, asset) else None


def _named(spec: Spec) -> list[tuple[str, str, tuple[FileType, ...]]]:
    if isinstance(spec, SeasonSpec):
        return []
    if isinstance(spec, PresentationSpec):
        music = [("/music", spec.music, _HEARD)] if spec.music else []
        return [("/deck", spec.deck, DECKS), *music]
    named = [(f"/images/{n}", asset_id, _SEEN) for n, asset_id in enumerate(spec.images)]
    if spec.music:
        named.append(("/music", spec.music, _HEARD))
    if spec.voice_over:
        named.append(("/voice_over", spec.voice_over, _HEARD))
    if spec.captions_file:
        named.append(("/captions_file", spec.captions_file, (FileType.SUBTITLES,)))
    return named


def _fault(
    pointer: str,
    asset_id: str,
    asset: Asset | None,
    wanted: tuple[FileType, ...],
    *,
    waits: bool,
) -> FieldFault | None:
    if asset is None:
        return FieldFault(
            pointer=pointer,
            detail=f"there is no asset {asset_id[:60]!r}",
            remedy="upload it by POST /v1/uploads and send the id that answers",
        )
    if asset.file_type not in wanted:
        return FieldFault(
            pointer=pointer,
            detail=f"{asset.original_filename!r} is a file of type {asset.file_type}",
            remedy=f"name an asset of type {' or '.join(wanted)}",
        )
    if asset.status is AssetStatus.WAITING and not waits:
        return FieldFault(
            pointer=pointer,
            detail=f"the bytes of {asset.original_filename!r} have not arrived",
            remedy="send the file with the form of its upload, then ask again",
        )
    if asset.status is AssetStatus.REJECTED:
        return FieldFault(
            pointer=pointer,
            detail=f"the content of {asset.original_filename!r} was refused",
            remedy="upload a file whose content is what its type says",
        )
    return None
