"""Users in the table: `ports.Users`."""

import hashlib
import hmac
import unicodedata
from collections.abc import Callable

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.people import Password, User
from reelsmith.errors import NameTaken, NotFound
from reelsmith.ports import Idempotency, Made
from reelsmith.table import audit, counters, keys, once
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, add, to_entity, to_item, version
from reelsmith.table.keys import Key
from reelsmith.table.transactions import Transaction

_USER = "user"


class UserTable:
    """`ports.Users` on the single table; what each method promises is said there."""

    def __init__(self, database: Database, *, pepper: Callable[[], bytes]) -> None:
        self._database = database
        self._pepper = pepper

    def add(
        self,
        user: User,
        *,
        password: Password | None,
        entry: AuditEntry,
        idempotency: Idempotency | None = None,
    ) -> Made[User]:
        """Store a new user with all that belongs to it. Raises NameTaken, KeyReused, NotFound."""
        transaction = Transaction(self._database).new(_USER, _row(user))
        for kind, place in self._markers(user).items():
            transaction.new(kind, _marker(place, user))
        transaction.new(
            counters.MINE, counters.usage_by(user.tenant, user.id, enabled=user.enabled)
        )
        counters.count(transaction, user.tenant, {"users": 1}, expects=counters.is_open())
        transaction.update("totals", keys.totals(user.id), *add({"users": 1}), expects=None)
        if password:
            place = keys.password(user.tenant, user.id)
            transaction.new("password", to_item(password, "password", place))
        audit.record(transaction, entry)
        once.remember(transaction, user.tenant, idempotency, user.id, at=user.created_at)
        try:
            transaction.commit()
        except Refused as refused:
            return Made(self._earlier(refused, user, idempotency), replayed=True)
        return Made(user)

    def get(self, tenant: str, user_id: str) -> User:
        """One user. Raises NotFound."""
        item = self._database.get(keys.user(tenant, user_id))
        if item is None:
            raise NotFound(f"no user {user_id}")
        return to_entity(User, item)

    def _earlier(self, refused: Refused, user: User, idempotency: Idempotency | None) -> User:
        """The user that stands in the way because it is this one, told before."""
        told = once.earlier(refused, idempotency)
        if told:
            return self.get(user.tenant, told)
        stored = refused.stored
        if stored.get(_USER):
            return self.get(user.tenant, user.id)
        if counters.USAGE in stored:
            raise NotFound(f"no active tenant {user.tenant}") from refused
        taken = [kind for kind in self._markers(user) if kind in stored]
        if taken:
            raise NameTaken(tuple(taken)) from refused
        raise refused

    def _markers(self, user: User) -> dict[str, Key]:
        """Where each name of a user is marked as taken, by the name of its field."""
        names = {"username": user.username, "email": user.email}
        return {kind: self._marked(kind, name) for kind, name in names.items() if name}

    def _marked(self, kind: str, name: str) -> Key:
        plain = unicodedata.normalize("NFKC", name).casefold()
        mark = hmac.new(self._pepper(), f"{kind}\0{plain}".encode(), hashlib.sha256)
        return keys.unique_name(kind, mark.hexdigest())


def _row(user: User) -> Item:
    place = keys.erasing(user.id, user.erasing_at) if user.erasing_at else None
    return to_item(user, "user", keys.user(user.tenant, user.id), gsi2=place)


def _marker(place: Key, user: User) -> Item:
    return {
        keys.PK: place.pk,
        keys.SK: place.sk,
        "et": "name",
        "sv": version("name"),
        "tenant": user.tenant,
        "user": user.id,
    }
