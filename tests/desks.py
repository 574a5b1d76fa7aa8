"""A journal on paper: what sealing and verifying need of `Deps`, in memory and open to forgers."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from reelsmith.domain import ids
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.seals import Seal
from reelsmith.ports import Stored
from reelsmith.storage import keys as bucket
from reelsmith.table import keys
from tests.builders import EPOCH, TENANT, an_entry


class Killed(BaseException):
    """The process died here."""


@dataclass
class PaperJournal:
    """`ports.Journal` of one tenant. Rows by their place and links by their number."""

    rows: dict[str, AuditEntry | None] = field(default_factory=dict)
    links: dict[int, Seal | None] = field(default_factory=dict)

    def note(self, entry):
        place = keys.entry_place(entry.id, entry.at)
        assert place not in self.rows
        self.rows[place] = entry

    def entries(self, tenant, *, since="", until=None):
        last = keys.milliseconds(until) if until else "~"
        for place in sorted(self.rows):
            if since < place < last:
                yield place, self.rows[place]

    def last_seal(self, tenant):
        return self.links[max(self.links)] if self.links else None

    def add_seal(self, seal, *, entry):
        if seal.number in self.links:
            return False
        self.links[seal.number] = seal
        self.note(entry)
        return True

    def seals(self, tenant, *, first=0):
        for number in sorted(self.links):
            link = self.links[number]
            if number >= first:
                yield link if link and link.number == number else None


@dataclass
class PaperVault:
    """What `usecases.vault` needs of a store."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def head(self, key):
        return Stored(key, 1, None, None) if key in self.objects else None

    def write(self, body, key, *, content_type):
        self.objects[key] = body

    def read(self, key):
        return self.objects[key]

    def list(self, prefix):
        return [Stored(key, 1, None, None) for key in sorted(self.objects) if prefix in key]

    def numbers(self):
        """The links that lie here."""
        first = bucket.sealed(TENANT)
        return [int(key.removeprefix(first).partition(".")[0]) for key in sorted(self.objects)]


class _Tenants:
    def tenants(self):
        yield TENANT

    def due(self, *, limit):
        return ()


class Desk:
    """Stands for `Deps`. It may die at the nth call of a port: before it, or after it."""

    def __init__(self, journal=None, vault=None):
        self.paper, self.safe = journal or PaperJournal(), vault
        self.at = EPOCH
        self.calls = 0
        self.dies_before = self.dies_after = 0
        self.meanwhile = {}
        self._serial = 0
        self.people = self.erasure = _Tenants()

    @property
    def journal(self):
        return _Watched(self, self.paper)

    @property
    def vault(self):
        return _Watched(self, self.safe) if self.safe is not None else None

    def now(self) -> datetime:
        return self.at

    def new_id(self, kind):
        self._serial += 1
        return ids.at(kind, self.at, self._serial.to_bytes(5) + b"paper")

    def wrote(self, count, *, apart=timedelta(seconds=1)):
        """Entries one after the other, and then enough time for them to come to rest."""
        for _ in range(count):
            self.paper.note(an_entry(at=self.at))
            self.at += apart
        self.at += timedelta(hours=1)


class _Watched:
    def __init__(self, desk, port):
        self._desk, self._port = desk, port

    def __getattr__(self, name):
        method, desk = getattr(self._port, name), self._desk

        def call(*args, **kwargs):
            desk.calls += 1
            desk.meanwhile.get(desk.calls, lambda: None)()
            if desk.calls == desk.dies_before:
                raise Killed
            answer = method(*args, **kwargs)
            if desk.calls == desk.dies_after:
                raise Killed
            return answer

        return call
