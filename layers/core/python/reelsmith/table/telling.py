"""What is stored of a user, section by section, as plain JSON without hashes and secrets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from pydantic import BaseModel

from reelsmith.domain.access import Share
from reelsmith.domain.assets import Asset
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.batches import Batch
from reelsmith.domain.exports import Section
from reelsmith.domain.jobs import Job
from reelsmith.domain.people import ApiKey, Session, User
from reelsmith.domain.videos import Video
from reelsmith.ports.erasing import Told
from reelsmith.table import job_items, keys, owned
from reelsmith.table.database import Database
from reelsmith.table.items import Item, to_entity
from reelsmith.table.keys import Key

_SECRETS = {"secret_hmac", "previous_hmac"}
_NOT_TOLD = ("et", "sv", keys.TTL, keys.PK, keys.GSI1_PK, keys.GSI1_SK, keys.GSI2_PK, keys.GSI2_SK)
_LAST = "~"  # sorts after every character of an id
Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Ask:
    database: Database
    tenant: str
    owner: str
    after: str | None
    limit: int


Lines = Sequence[tuple[str, Line]]
"""(place, line), in the order of places; a line is empty where something went meanwhile."""
_Teller = Callable[[_Ask], Lines]


def tell(
    database: Database, tenant: str, owner: str, section: Section, *, after: str | None, limit: int
) -> Told:
    """Up to `limit` lines of a section, from the one after `after` on."""
    lines = _TELLERS[section](_Ask(database, tenant, owner, after, limit))
    return Told(
        lines=tuple(line for _, line in lines if line),
        after=lines[-1][0] if len(lines) == limit else None,
    )


def _profile(ask: _Ask) -> Lines:
    item = ask.database.get(keys.user(ask.tenant, ask.owner))
    return [(ask.owner, _plain(User, item))] if item else []


def _jobs(ask: _Ask) -> Lines:
    ids = _ids(ask, "job")
    heads = [keys.job(ask.tenant, one) for one in ids]
    specs = [keys.job_spec(ask.tenant, one) for one in ids]
    found = ask.database.get_many([*heads, *specs])
    return [
        (one, _plain(Job, found[head]) | {"spec": _spec(found.get(spec))})
        if head in found
        else (one, {})
        for one, head, spec in zip(ids, heads, specs, strict=True)
    ]


def _things(kind: str, model: type[BaseModel], key: Callable[[str, str], Key]) -> _Teller:
    """Tells the things of a kind that the owner's pointers lead to."""

    def tell_things(ask: _Ask) -> Lines:
        ids = _ids(ask, kind)
        found = ask.database.get_many([key(ask.tenant, one) for one in ids])
        return [(one, _plain(model, found.get(key(ask.tenant, one)))) for one in ids]

    return tell_things


def _rows(
    where: Callable[[str, str], Key],
    line: Callable[[Item], Line],
    *,
    mine: Callable[[Item, str], bool] = lambda item, owner: item.get("owner") == owner,
    index: str | None = None,
) -> _Teller:
    """Tells the rows of a partition that are the owner's."""
    sort = f"{index or ''}SK"

    def tell_rows(ask: _Ask) -> Lines:
        whole = where(ask.tenant, ask.owner)
        first = whole._replace(sk=ask.after) if ask.after else whole
        until = f"{whole.sk}{_LAST}" if ask.after else None
        found = (
            (item[sort], line(item))
            for item in ask.database.query(first, until=until, index=index)
            if mine(item, ask.owner) and item[sort] != ask.after
        )
        return list(islice(found, ask.limit))

    return tell_rows


def _ids(ask: _Ask, kind: str) -> list[str]:
    found = owned.things(
        ask.database,
        ask.tenant,
        ask.owner,
        kind=kind,
        after=ask.after,
        newest_first=False,
        limit=ask.limit,
    )
    return list(found)


def _plain(model: type[BaseModel], item: Item | None) -> dict[str, Any]:
    return to_entity(model, item).model_dump(mode="json", exclude=_SECRETS) if item else {}


def _spec(item: Item | None) -> dict[str, Any]:
    return job_items.spec(item).model_dump(mode="json") if item else {}


def _usage(item: Item) -> Mapping[str, Any]:
    return {name: value for name, value in item.items() if name not in _NOT_TOLD}


def _whoever(_item: Item, _owner: str) -> bool:
    return True


_TELLERS: dict[Section, _Teller] = {
    Section.PROFILE: _profile,
    Section.JOBS: _jobs,
    Section.BATCHES: _things("bat", Batch, keys.batch),
    Section.VIDEOS: _things("vid", Video, keys.video),
    Section.ASSETS: _things("ast", Asset, keys.asset),
    Section.KEYS: _rows(lambda tenant, _: keys.api_key(tenant), partial(_plain, ApiKey)),
    Section.SESSIONS: _rows(
        lambda tenant, _: keys.session(tenant),
        partial(_plain, Session),
        mine=lambda item, owner: item["user"] == owner,
    ),
    Section.SHARES: _rows(lambda tenant, _: keys.share(tenant), partial(_plain, Share)),
    Section.USAGE: _rows(
        lambda tenant, _: keys.belongings(tenant, "USAGE"),
        _usage,
        mine=lambda item, owner: item[keys.SK].endswith(f"#{owner}"),
    ),
    Section.DEEDS: _rows(keys.deeds, partial(_plain, AuditEntry), mine=_whoever, index=keys.GSI1),
    Section.HISTORY: _rows(
        keys.history, partial(_plain, AuditEntry), mine=_whoever, index=keys.GSI2
    ),
}
