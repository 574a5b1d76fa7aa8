"""What films and files have in common: who sees them, and by which URLs."""

from datetime import timedelta
from typing import Any, TypeVar

from reelsmith.domain import ids, rights
from reelsmith.domain.access import Access
from reelsmith.domain.assets import Asset
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Caller
from reelsmith.domain.rights import Act
from reelsmith.domain.videos import Video
from reelsmith.errors import Invalid
from reelsmith.ports import Address, Deps
from reelsmith.ports.addresses import Door

PAGE_DEFAULT, PAGE_MOST = 50, 100
URL_SECONDS = 900
ME = "me"

Thing = Video | Asset
ThingT = TypeVar("ThingT", Video, Asset)


def owner_of(caller: Caller, asked: str | None) -> str | None:
    """Whose things are asked for: `me` is the caller."""
    return caller.owner if asked == ME else asked


def sees(caller: Caller, act: Act, thing: Thing, *, opened: bool) -> bool:
    """Whether a list shows it to the caller; with `opened`, only if it is somebody else's."""
    if opened and thing.owner == caller.owner:
        return False
    return rights.covers(rights.require(caller, act), caller, thing)


def check_opening(access: Access, readers: tuple[str, ...]) -> None:
    """See that a thing is opened to users, and to users only where its access asks for them.

    Raises:
        Invalid: a reader that is no id of a user, or readers that would read nothing.
    """
    for place, reader in enumerate(readers):
        if not ids.is_id(Kind.USER, reader):
            raise Invalid.field(
                f"/readers/{place}",
                f"{reader[:60]!r} is no id of a user",
                remedy="send the ids of users of your tenant",
            )
    if readers and access is not Access.RESTRICTED:
        raise Invalid.field(
            "/readers",
            f"access is {access}, which knows no readers",
            remedy="set access to restricted as well, or leave readers out",
        )


def differences(was: Thing, now: Thing, *, told: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the journal says of a change: before and after of `told`, of the rest the names."""
    old, new = was.model_dump(mode="json"), now.model_dump(mode="json")
    differ = [name for name in new if old[name] != new[name] and name not in _OURS]
    shown: dict[str, Any] = {name: [old[name], new[name]] for name in differ if name in told}
    hidden = [name for name in differ if name not in told]
    return shown | ({"fields": hidden} if hidden else {})


def address(
    deps: Deps, thing: Thing, key: str, *, filename: str, seconds: int = URL_SECONDS
) -> Address:
    """A URL that reads an object of a thing, for the life of `seconds` or at least half of it."""
    door = Door(thing.tenant, thing.id, thing.version, key, filename, seconds)
    now = deps.now()
    known = deps.addresses.known(door, at=now)
    if known:
        return known
    url = deps.store.signed_url(key, filename=filename, seconds=seconds)
    made = Address(url, now + timedelta(seconds=seconds))
    deps.addresses.keep(door, made)
    return made


_OURS = ("version", "updated_at", "link")
