"""Signed URLs that this process gave out: each is given again for the first half of its life.

A URL belongs to a thing in one version: whoever changes the thing gets another one. Nobody is
given one without the thing's row being read and its rights checked first, so a removed thing has
none, whatever is remembered here.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple

_MOST = 2_000  # URLs; about 3 MB with the session tokens in them


class Door(NamedTuple):
    """What a URL opens: an object of a thing in a version, under a name, for one tenant."""

    tenant: str
    thing: str
    version: int
    key: str
    filename: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Address:
    """A signed URL and when it ends."""

    url: str
    expires_at: datetime


class Addresses:
    """The URLs of one process, the latest ones only."""

    def __init__(self) -> None:
        self._known: OrderedDict[Door, Address] = OrderedDict()
        self._lock = Lock()

    def known(self, door: Door, *, at: datetime) -> Address | None:
        """The URL given out before, while half of its life is still to come."""
        with self._lock:
            address = self._known.get(door)
        if address is None or address.expires_at - at < timedelta(seconds=door.seconds / 2):
            return None
        return address

    def keep(self, door: Door, address: Address) -> None:
        """Remember a URL."""
        with self._lock:
            self._known[door] = address
            self._known.move_to_end(door)
            while len(self._known) > _MOST:
                self._known.popitem(last=False)

    def forget(self, tenant: str, thing: str) -> None:
        """Drop all URLs of a thing that changed or is gone."""
        with self._lock:
            for door in [one for one in self._known if (one.tenant, one.thing) == (tenant, thing)]:
                del self._known[door]
