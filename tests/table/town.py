"""A town of users who are made, renamed, put away, and given keys and jobs, several at a time.

`Town` does rounds of deeds, those of one round at the same moment, and keeps a plain model of
what must be true after them. `agrees` compares it with everything that is stored.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from reelsmith.domain.ids import Kind
from reelsmith.domain.people import ApiKey, Role, User
from reelsmith.errors import Conflict, NameTaken, NotFound, ReelsmithError
from reelsmith.ports import Idempotency
from tests.aws import TestTable
from tests.builders import EPOCH, a_job, a_key, a_spec, a_tenant, a_user, an_entry, an_id

NAMES = ("ana", "Ana", "bea", "BEA", "cleo", "dora", "eva", "ﬁona", "fiona", "gil", "hugo", "ida")
ADDRESSES = (None, None, "a@x.org", "b@x.org", "c@x.org", "d@x.org", "e@x.org")
AT_ONCE = 4
FOREVER = EPOCH + timedelta(days=9)
Deed = Callable[[], "Outcome"]


@dataclass
class Outcome:
    """What a deed came to: what it tried, and what it got or the error that refused it."""

    what: str
    tried: object
    was: User | None = None
    got: object = None
    refused: ReelsmithError | None = None
    request: str | None = None


def attempt(done: Outcome, wish: Callable[[], object]) -> Outcome:
    """Do it, and note what came of it."""
    try:
        done.got = wish()
    except ReelsmithError as refused:
        done.refused = refused
    return done


@dataclass
class Town:
    """The table, and what must be in it."""

    table: TestTable
    dice: Random
    tenants: list[str] = field(default_factory=list)
    users: dict[str, User] = field(default_factory=dict)
    keys: dict[str, ApiKey] = field(default_factory=dict)
    jobs: Counter[str] = field(default_factory=Counter)
    requests: dict[str, str] = field(default_factory=dict)

    def found(self) -> None:
        """Two tenants with an administrator each."""
        for _ in range(2):
            tenant = a_tenant(id=an_id(Kind.TENANT))
            entry = an_entry(tenant=tenant.id, resource=tenant.id)
            self.table.repositories.people.add_tenant(tenant, entry=entry)
            self.tenants.append(tenant.id)
            boss = a_user(id=an_id(Kind.USER), tenant=tenant.id, role=Role.ADMIN)
            self.settle([self.join(boss, None)])

    def round(self, size: int) -> None:
        """Some deeds at one moment, and what they teach the model."""
        deeds = [self.a_deed() for _ in range(size)]
        if size == 1:
            self.settle([deeds[0]()])
            return
        with ThreadPoolExecutor(size) as pool:
            self.settle(list(pool.map(lambda deed: deed(), deeds)))

    # what is done

    def a_deed(self) -> Deed:
        pick = self.dice.choice
        chosen = pick(("join", "join", "change", "change", "change", "key", "job", "revoke"))
        if len(self.users) < 6 or (chosen == "join" and len(self.users) < 12):
            newcomer = self.a_newcomer()
            request = pick((None, "one", "other"))
            return lambda: self.join(newcomer, request)
        if chosen == "key":
            owner = pick(list(self.users.values()))
            return lambda: self.add_key(owner)
        if chosen == "job":
            owner = pick(list(self.users.values()))
            return lambda: self.submit(owner)
        if chosen == "revoke" and self.keys:
            key = pick(list(self.keys.values()))
            return lambda: self.revoke(key)
        was = pick(list(self.users.values()))
        now = was.model_copy(update=self.a_change())
        return lambda: self.change(was, now)

    def a_newcomer(self) -> User:
        pick = self.dice.choice
        return a_user(
            id=an_id(Kind.USER),
            tenant=pick(self.tenants),
            username=pick(NAMES),
            email=pick(ADDRESSES),
            role=pick(list(Role)),
        )

    def a_change(self) -> dict[str, object]:
        pick = self.dice.choice
        return pick(
            (
                {"username": pick(NAMES)},
                {"email": pick(ADDRESSES)},
                {"username": pick(NAMES), "email": pick(ADDRESSES)},
                {"role": pick(list(Role))},
                {"is_active": pick((True, False))},
                {"deleted_at": pick((None, EPOCH))},
            )
        )

    def join(self, user: User, request: str | None) -> Outcome:
        once = Idempotency(request, "same", FOREVER) if request else None
        entry = an_entry(tenant=user.tenant, resource=user.id)
        add = self.table.repositories.users.add
        return attempt(
            Outcome("join", user, request=request and user.tenant + request),
            lambda: add(user, password=None, entry=entry, idempotency=once).thing,
        )

    def change(self, was: User, now: User) -> Outcome:
        entry = an_entry(tenant=was.tenant, resource=was.id)
        change = self.table.repositories.users.change
        return attempt(Outcome("change", now, was=was), lambda: change(was, now, entry=entry))

    def add_key(self, owner: User) -> Outcome:
        key = a_key(tenant=owner.tenant, owner=owner.id)
        entry = an_entry(tenant=owner.tenant, resource=key.id)
        add = self.table.repositories.credentials.add_key
        return attempt(Outcome("key", owner), lambda: add(key, entry=entry).thing)

    def revoke(self, key: ApiKey) -> Outcome:
        entry = an_entry(tenant=key.tenant, resource=key.id)
        over = key.model_copy(update={"revoked_at": EPOCH})
        change = self.table.repositories.credentials.change_key
        return attempt(Outcome("revoke", key), lambda: change(key, over, entry=entry))

    def submit(self, owner: User) -> Outcome:
        job = a_job(tenant=owner.tenant, owner=owner.id)
        entry = an_entry(tenant=owner.tenant, resource=job.id)
        create = self.table.repositories.jobs.create
        return attempt(
            Outcome("job", owner),
            lambda: create(job, a_spec(), entry=entry, idempotency=None).thing,
        )

    # what must be true of it

    def settle(self, round_: list[Outcome]) -> None:
        """Take what was done into the model, and see that it, and nothing else, could be."""
        alone = len(round_) == 1
        before = dict(self.users)
        for done in round_:
            if done.refused:
                self.see_that_it_had_to_be_refused(done, before, round_)
            elif done.what == "join":
                if done.request:
                    first = self.requests.setdefault(done.request, done.got.id)
                    assert first == done.got.id, "one request made two users"
                self.users[done.got.id] = self.users.get(done.got.id, done.got)
            elif done.what == "change":
                others = [o for o in round_ if o is not done and o.what == "change"]
                same = [o for o in others if not o.refused and o.was.id == done.was.id]
                assert not same, "two changes were made from one version"
                assert done.got.version == done.was.version + 1
                self.users[done.got.id] = done.got
            elif done.what in {"key", "revoke"}:
                self.keys[done.got.id] = done.got
            else:
                self.jobs[done.got.owner] += 1
        if alone and round_[0].what in ("key", "job") and not round_[0].refused:
            assert before[round_[0].got.owner].enabled, "a user who is switched off made something"
        self.nobody_shares_a_name()
        self.somebody_governs()

    def see_that_it_had_to_be_refused(
        self, done: Outcome, before: dict[str, User], round_: list[Outcome]
    ) -> None:
        tried = [o.tried for o in round_ if isinstance(o.tried, User)]
        others = [user for user in (*before.values(), *tried) if user.id != done.tried.id]
        moved = {o.was.id for o in round_ if o.was and not o.refused}
        match done.refused:
            case NameTaken(fields=fields):
                for kind in fields:
                    assert plain(done.tried, kind) in {plain(user, kind) for user in others}
            case Conflict():
                last = done.was and done.was.governs and not done.tried.governs
                assert done.was.id in moved or last or done.what == "revoke"
            case NotFound():
                assert not before[done.tried.id].enabled or done.tried.id in moved
            case other:
                raise other

    def nobody_shares_a_name(self) -> None:
        for kind in ("username", "email"):
            held = [plain(user, kind) for user in self.users.values() if plain(user, kind)]
            assert len(held) == len(set(held)), f"two users have one {kind}"

    def somebody_governs(self) -> None:
        for tenant in self.tenants:
            mine = [user for user in self.users.values() if user.tenant == tenant]
            assert not mine or any(user.governs for user in mine), "nobody governs any more"

    def agrees(self) -> None:
        """Compare the model with everything that is in the table."""
        rows = [row for row in self.table.items() if "et" in row]
        self.users_are_stored_with_their_names(rows)
        self.counters_are_right(rows)
        kept = {row["id"]: row for row in rows if row["et"] == "key"}
        assert kept.keys() == self.keys.keys()
        for key in self.keys.values():
            assert bool(kept[key.id].get("revoked_at")) == bool(key.revoked_at)
        deeds = Counter(row["resource"] for row in rows if row["et"] == "event")
        assert all(deeds[user.id] == user.version for user in self.users.values())

    def users_are_stored_with_their_names(self, rows: list[dict]) -> None:
        stored = {row["id"]: row for row in rows if row["et"] == "user"}
        assert stored.keys() == self.users.keys()
        users = self.table.repositories.users
        for user in self.users.values():
            assert users.get(user.tenant, user.id) == user
            for name in filter(None, (user.username, user.email)):
                assert users.find(name.upper()).id == user.id
        marked = Counter(row["user"] for row in rows if row["et"] == "name")
        assert marked == {u.id: 1 + bool(u.email) for u in self.users.values()}

    def counters_are_right(self, rows: list[dict]) -> None:
        usage = {(row["PK"], row["SK"]): row for row in rows if row["et"] == "usage"}
        for tenant in self.tenants:
            mine = [user for user in self.users.values() if user.tenant == tenant]
            total = usage[f"O#{tenant}#USAGE", "0"]
            jobs = sum(self.jobs[user.id] for user in mine)
            wanted = (len(mine), sum(user.governs for user in mine), jobs, jobs)
            assert tuple(total[n] for n in ("users", "admins", "jobs", "active")) == wanted
            for user in mine:
                own = usage[f"O#{tenant}#USAGE", f"U#{user.id}"]
                assert (own["open"], own["jobs"]) == (user.enabled, self.jobs[user.id])
        owners = {sk.removeprefix("U#") for _, sk in usage if sk.startswith("U#usr_")}
        assert owners == self.users.keys()


def plain(user: User, kind: str) -> str | None:
    """A name as two names are compared; NFKC makes one letter of the ligature's two."""
    name = getattr(user, kind)
    return name and name.replace("ﬁ", "fi").casefold()
