"""Users in the table: `ports.Users`."""

import hashlib
import hmac
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.people import Password, User
from reelsmith.errors import Conflict, NameTaken, NotFound
from reelsmith.ports import Idempotency, Made, UserPage
from reelsmith.table import audit, counters, keys, once, passwords
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, assign, changes, stands, to_entity, to_item, version
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
        for kind, place in self.markers(user).items():
            transaction.new(kind, _marker(place, user))
        counters.count_user(transaction, None, user)
        if password:
            transaction.new("password", passwords.row(password))
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

    def find(self, name: str) -> User:
        """The user of this username or address. Raises NotFound."""
        marker = self._database.get(self._marked("email" if "@" in name else "username", name))
        if marker is None:
            raise NotFound("no such user")
        return self.get(marker["tenant"], marker["user"])

    def page(self, tenant: str, *, after: str | None, limit: int) -> UserPage:
        """Users of a tenant by id, from the one after `after` on."""
        start = keys.user(tenant, after) if after else None
        found = self._database.query(
            keys.user(tenant),
            after={keys.PK: start.pk, keys.SK: start.sk} if start else None,
            limit=limit + 1,  # one more tells whether there is another page
        )
        users = tuple(to_entity(User, item) for item in found)
        page = users[:limit]
        return UserPage(users=page, after=page[-1].id if len(users) > limit else None)

    def change(self, was: User, now: User, *, entry: AuditEntry) -> User:
        """Write `now` where `was.version` stands. Raises Conflict, NameTaken, NotFound."""
        now = now.model_copy(update={"version": was.version + 1})
        transaction = Transaction(self._database).update(
            _USER,
            keys.user(was.tenant, was.id),
            *changes(_row(was), _row(now)),
            expects=stands(version=was.version),
        )
        self._move_markers(transaction, was, now)
        counters.count_user(transaction, was, now)
        audit.record(transaction, entry)
        try:
            transaction.commit()
        except Refused as refused:
            return self._changed_before(refused, now)
        return now

    def signed_in(self, tenant: str, user_id: str, *, at: datetime) -> None:
        """Note the last sign-in. A user that is gone is no error."""
        noted = [assign("last_login_at", at.isoformat())]
        with suppress(Refused):
            self._database.update(keys.user(tenant, user_id), noted, expects=stands())

    def markers(self, user: User) -> dict[str, Key]:
        """Where each name of a user is marked as taken, by the name of its field."""
        names = {"username": user.username, "email": user.email}
        return {kind: self._marked(kind, name) for kind, name in names.items() if name}

    def _move_markers(self, transaction: Transaction, was: User, now: User) -> None:
        """Mark new names, and let go of those that are given up."""
        old, new = self.markers(was), self.markers(now)
        for kind in sorted(old | new):
            if old.get(kind) == new.get(kind):
                continue
            if kind in new:
                transaction.new(kind, _marker(new[kind], now))
            if kind in old:
                transaction.delete(f"old {kind}", old[kind], expects=stands(user=was.id))

    def _changed_before(self, refused: Refused, now: User) -> User:
        """The user as it is, when this very change was made before."""
        stored = refused.stored
        if stored.get(audit.ENTRY):
            return self.get(now.tenant, now.id)
        if _USER in stored:
            if stored[_USER] is None:
                raise NotFound(f"no user {now.id}") from refused
            raise Conflict(f"user {now.id} changed meanwhile") from refused
        if counters.USAGE in stored:
            raise Conflict("the tenant needs an administrator who can act") from refused
        marks = {kind: stored[kind] or {} for kind in self.markers(now) if kind in stored}
        taken = [kind for kind, mark in marks.items() if mark.get("user") != now.id]
        if taken:
            raise NameTaken(tuple(taken)) from refused
        raise Conflict(f"user {now.id} changed meanwhile") from refused

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
        taken = [kind for kind in self.markers(user) if kind in stored]
        if taken:
            raise NameTaken(tuple(taken)) from refused
        raise refused

    def _marked(self, kind: str, name: str) -> Key:
        plain = unicodedata.normalize("NFKC", name).casefold()
        mark = hmac.new(self._pepper(), f"{kind}\0{plain}".encode(), hashlib.sha256)
        return keys.unique_name(kind, mark.hexdigest())


def _row(user: User) -> Item:
    place = keys.leaving(user.id, user.deleted_at) if user.deleted_at else None
    if user.erasing_at:
        place = keys.erasing(user.id, user.erasing_at)
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
