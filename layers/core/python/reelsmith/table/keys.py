"""Every key pattern in the table. Read this file to know what can be asked of it.

`<t>` tenant, `<j>` job, `<ms>` milliseconds since 1970 in 15 digits, `<sh>` = crc32(id) % SHARDS:
fixed by the id, so that every later write finds the same shard. Tenant keys start with `O#<t>` and
are built from the caller's scope, so a foreign key cannot be named. GSI1 is a tenant's second
order. GSI2 is the operators' sparse index of work due; only slim items (about 1 kB) are in it.

entity       PK                  SK                   GSI1                      GSI2
-----------  ------------------  -------------------  ------------------------  -------------------
tenant       O#<t>               A#TENANT                                       W#TEN#<sh> / <t>
usage        O#<t>#USAGE         0, U#<user>
usage a day  O#<t>#USAGE         D#<day>#<user>
limit        O#<t>#RL#<hash>,    R
             S#<hash>
user         O#<t>               USER#<id>                                      W#DEL#<sh> or
                                                                                W#OUT#<sh> /
                                                                                <ms>#<id>
export       O#<t>#EXPORT        <id>                                           W#EXPORT#<sh> /
                                                                                <ms>#<id>
leftovers    O#<t>#REST          <prefix>                                       W#REST#<sh> /
                                                                                <ms>#<prefix>
unique name  Q#<kind>#<hmac>     Q
API key      O#<t>#AUTH          KEY#<id>
session      O#<t>#AUTH          SESS#<id>            O#<t>#S#<user> / <id>
password     O#<t>#AUTH          PW#<user>
link         O#<t>#SHARE         <id>                 O#<t>#R#<thing> / <id>
owned thing  O#<t>#X#<user>      <id>
job header   O#<t>               JOB#<j>              O#<t>#JOBS / <status>#<j> see below
job spec     O#<t>#J#<j>         SPEC
progress     O#<t>#J#<j>         PROG
task         O#<t>#J#<j>         TASK#<attempt>#<id>
asset        O#<t>#LIB           FILE#<id>            O#<t>#FILES /             W#EXP#<sh> /
                                                      <type>#<name>#<id>        <ms>#<id>
blob         O#<t>#BLOB          <sha256>                                       W#GC#<sh> /
                                                                                <ms>#<t>#<sha256>
video        O#<t>               VID#<id>
audit entry  O#<t>#H             <ms>#<entry>         O#<t>#ACT#<actor> /       O#<t>#RES#<thing> /
                                                      <ms>#<entry>              <ms>#<entry>
seal         O#<t>#SEAL          <number>
idempotency  O#<t>#IDEM#<hash>   I
totals       G#CNT#<sh>          0
lease        G#LEASE#<name>      0
pace         G#TURNS             PACE#<name>
service      G#TURNS             SERVICE

A job header's place in GSI2 says what is to be done about it:
queued       W#JOB#<sh> / <rank>#<j>       taken by the dispatcher, most urgent lane first
processing   W#JOB#<sh> / 9#<ms>#<j>       watched by the sweeper, oldest move first
final, by a drop folder  W#DROP#<sh> / <ms>#<j>   until its results stand in the folder
any other    none

A blob is in GSI2 from a release of one of its uses until it is collected or seen to be in use.
The pointers to owned things tell a user's things by time, and let a deletion find all of them.
`ttl` stands on audit entries (400 days), rows of days, idempotency records, buckets and windows,
exports, ended sessions and ended links only; readers check it themselves.

What is asked of it by these keys, and what that costs, stands in the docstring of the room.
"""

import hashlib
import zlib
from datetime import datetime
from typing import NamedTuple

PK, SK, TTL = "PK", "SK", "ttl"
GSI1, GSI1_PK, GSI1_SK = "GSI1", "GSI1PK", "GSI1SK"
GSI2, GSI2_PK, GSI2_SK = "GSI2", "GSI2PK", "GSI2SK"
SHARDS = 8

_MAX_PK_BYTES, _MAX_SK_BYTES = 2048, 1024  # DynamoDB: Quotas, "partition and sort keys"
_RUNNING = "9"
_NAME_IN_KEY = 100  # characters of a file's name that it is ordered by


class Key(NamedTuple):
    """A place in the table or in an index. For queries, `sk` is what sort keys begin with."""

    pk: str
    sk: str

    @property
    def storable(self) -> bool:
        """Whether DynamoDB can hold such a key; an id that a caller made up may be too long."""
        return (
            len(self.pk.encode()) <= _MAX_PK_BYTES and 0 < len(self.sk.encode()) <= _MAX_SK_BYTES
        )


def shard(item_id: str) -> int:
    """The shard of an id."""
    return zlib.crc32(item_id.encode()) % SHARDS


def milliseconds(at: datetime) -> str:
    """A moment as keys hold it: 15 digits that sort by time."""
    return f"{int(at.timestamp() * 1000):015d}"


def tenant(tenant_id: str) -> Key:
    """The tenant itself."""
    return Key(f"O#{tenant_id}", "A#TENANT")


def usage(tenant_id: str) -> Key:
    """What the tenant uses and may use."""
    return Key(f"O#{tenant_id}#USAGE", "0")


def totals(item_id: str) -> Key:
    """The counters of all tenants, in the shard that counts this id."""
    return Key(f"G#CNT#{shard(item_id)}", "0")


def lease(name: str) -> Key:
    """Who may do what one process does at a time."""
    return Key(f"G#LEASE#{name}", "0")


def pace(name: str = "") -> Key:
    """How long jobs of this name take, or with no name all paces."""
    return Key("G#TURNS", f"PACE#{name}")


def service() -> Key:
    """What tenants had of the machine lately."""
    return Key("G#TURNS", "SERVICE")


def user_usage(tenant_id: str, owner: str) -> Key:
    """What a user has made. While it is `open` the user makes more."""
    return Key(f"O#{tenant_id}#USAGE", f"U#{owner}")


def usage_on(tenant_id: str, day: str, owner: str = "") -> Key:
    """What a user made on a day (`yyyy-mm-dd`, UTC)."""
    return Key(f"O#{tenant_id}#USAGE", f"D#{day}#{owner}")


def usage_days(tenant_id: str, first: str, last: str) -> tuple[Key, str]:
    """What all users of a tenant made from a day to another."""
    return Key(f"O#{tenant_id}#USAGE", f"D#{first}#"), f"D#{last}#~"


def limit(name: str, tenant_id: str | None = None) -> Key:
    """A token bucket or a window, each in a partition of its own. Hashed: names hold addresses."""
    hashed = hashlib.sha256(name.encode()).hexdigest()[:32]
    return Key(f"O#{tenant_id}#RL#{hashed}" if tenant_id else f"S#{hashed}", "R")


def tenants_lane(shard_number: int, tenant_id: str = "") -> Key:
    """GSI2: the tenants of a shard, or the place of one."""
    return Key(f"W#TEN#{shard_number}", tenant_id)


def user(tenant_id: str, user_id: str = "") -> Key:
    """A user, or with no id all of the tenant."""
    return Key(f"O#{tenant_id}", f"USER#{user_id}")


def unique_name(kind: str, mark: str) -> Key:
    """Whose a username or an address is. `mark` is an HMAC: no names in keys, one size."""
    return Key(f"Q#{kind}#{mark}", "Q")


def erasing(item_id: str, since: datetime) -> Key:
    """GSI2: where a user or a tenant waits until nothing of it is left."""
    return Key(f"W#DEL#{shard(item_id)}", f"{milliseconds(since)}#{item_id}")


def erasing_lane(shard_number: int) -> Key:
    """GSI2: the users and tenants of a shard that are being erased."""
    return Key(f"W#DEL#{shard_number}", "")


def leaving(user_id: str, since: datetime) -> Key:
    """GSI2: where a deleted user waits to be restored or erased."""
    return Key(f"W#OUT#{shard(user_id)}", f"{milliseconds(since)}#{user_id}")


def leaving_lane(shard_number: int, until: datetime) -> tuple[Key, str]:
    """GSI2: the users of a shard that were deleted by `until`."""
    return Key(f"W#OUT#{shard_number}", "0"), f"{milliseconds(until)}#~"


def export(tenant_id: str, export_id: str = "") -> Key:
    """An export of a user's data, or with no id all of the tenant."""
    return Key(f"O#{tenant_id}#EXPORT", export_id)


def unwritten(export_id: str, since: datetime) -> Key:
    """GSI2: where an export stands until it is written."""
    return Key(f"W#EXPORT#{shard(export_id)}", f"{milliseconds(since)}#{export_id}")


def unwritten_lane(shard_number: int) -> Key:
    """GSI2: the exports of a shard that are not written to their end."""
    return Key(f"W#EXPORT#{shard_number}", "")


def leftover(tenant_id: str, prefix: str = "") -> Key:
    """A reminder of objects that have to go, or with no prefix all of the tenant."""
    return Key(f"O#{tenant_id}#REST", prefix)


def leftover_place(prefix: str, at: datetime) -> Key:
    """GSI2: where such a reminder stands; it is due at that moment."""
    return Key(f"W#REST#{shard(prefix)}", f"{milliseconds(at)}#{prefix}")


def leftover_lane(shard_number: int, until: datetime) -> tuple[Key, str]:
    """GSI2: the reminders of a shard that are due by `until`."""
    return Key(f"W#REST#{shard_number}", "0"), f"{milliseconds(until)}#~"


def belongings(tenant_id: str, room: str) -> Key:
    """All rows of one of a tenant's rooms: `AUTH`, `BLOB`, `EXPORT`, `REST`, `SHARE`, `USAGE`."""
    return Key(f"O#{tenant_id}#{room}", "")


def job_children(tenant_id: str, job_id: str) -> Key:
    """All rows of a job but its header."""
    return Key(f"O#{tenant_id}#J#{job_id}", "")


def api_key(tenant_id: str, key_id: str = "") -> Key:
    """An API key, or with no id all of the tenant."""
    return Key(f"O#{tenant_id}#AUTH", f"KEY#{key_id}")


def session(tenant_id: str, session_id: str = "") -> Key:
    """A session, or with no id all of the tenant."""
    return Key(f"O#{tenant_id}#AUTH", f"SESS#{session_id}")


def sessions_of(tenant_id: str, user_id: str, session_id: str = "") -> Key:
    """GSI1: the sessions of a user, or the place of one."""
    return Key(f"O#{tenant_id}#S#{user_id}", session_id)


def password(tenant_id: str, user_id: str) -> Key:
    """What is kept of a user's password."""
    return Key(f"O#{tenant_id}#AUTH", f"PW#{user_id}")


def share(tenant_id: str, share_id: str = "") -> Key:
    """A link, or with no id all of the tenant."""
    return Key(f"O#{tenant_id}#SHARE", share_id)


def shares_of(tenant_id: str, resource: str, share_id: str = "") -> Key:
    """GSI1: the links of a thing, or the place of one."""
    return Key(f"O#{tenant_id}#R#{resource}", share_id)


def owned(tenant_id: str, owner: str, thing_id: str = "") -> Key:
    """The pointer to a thing of a user. Without an id, all; a prefix such as `job_` picks."""
    return Key(f"O#{tenant_id}#X#{owner}", thing_id)


def job(tenant_id: str, job_id: str = "") -> Key:
    """A job's header, or with no id all headers of the tenant."""
    return Key(f"O#{tenant_id}", f"JOB#{job_id}")


def jobs_by_status(tenant_id: str, status: str, job_id: str = "") -> Key:
    """GSI1: the jobs of one status, or the place of one."""
    return Key(f"O#{tenant_id}#JOBS", f"{status}#{job_id}")


def queued(job_id: str, rank: int) -> Key:
    """GSI2: where a job waits in the lane of this rank."""
    return Key(f"W#JOB#{shard(job_id)}", f"{rank}#{job_id}")


def running(job_id: str, since: datetime) -> Key:
    """GSI2: where a job stands while it is processed."""
    return Key(f"W#JOB#{shard(job_id)}", f"{_RUNNING}#{milliseconds(since)}#{job_id}")


def unsettled(job_id: str, since: datetime) -> Key:
    """GSI2: where a finished drop-folder job waits for its folder."""
    return Key(f"W#DROP#{shard(job_id)}", f"{milliseconds(since)}#{job_id}")


def queue_lanes(shard_number: int, ranks: int) -> tuple[Key, str]:
    """GSI2: all lanes of a shard, from the first to the end of the last of `ranks`."""
    return Key(f"W#JOB#{shard_number}", "0#"), f"{ranks - 1}#~"


def running_lane(shard_number: int) -> Key:
    """GSI2: the jobs of a shard that are processed."""
    return Key(f"W#JOB#{shard_number}", f"{_RUNNING}#")


def drop_lane(shard_number: int) -> Key:
    """GSI2: the finished drop-folder jobs of a shard."""
    return Key(f"W#DROP#{shard_number}", "")


def job_spec(tenant_id: str, job_id: str) -> Key:
    """What was asked for."""
    return Key(f"O#{tenant_id}#J#{job_id}", "SPEC")


def job_progress(tenant_id: str, job_id: str) -> Key:
    """How far the job is."""
    return Key(f"O#{tenant_id}#J#{job_id}", "PROG")


def job_task(tenant_id: str, job_id: str, attempt: int, task_id: str) -> Key:
    """One step of one attempt."""
    return Key(f"O#{tenant_id}#J#{job_id}", f"TASK#{attempt:03d}#{task_id}")


def job_tasks(tenant_id: str, job_id: str) -> Key:
    """The steps of all attempts of a job, attempt by attempt."""
    return Key(f"O#{tenant_id}#J#{job_id}", "TASK#")


def asset(tenant_id: str, asset_id: str = "") -> Key:
    """An uploaded file, or with no id all of the tenant."""
    return Key(f"O#{tenant_id}#LIB", f"FILE#{asset_id}")


def assets_by_name(tenant_id: str, file_type: str, name: str, *asset_id: str) -> Key:
    """GSI1: where a file stands by type and name; without an id, those whose names begin so."""
    place = "#".join((file_type, name.casefold()[:_NAME_IN_KEY], *asset_id))
    return Key(f"O#{tenant_id}#FILES", place)


def expiring(asset_id: str, at: datetime) -> Key:
    """GSI2: where a file waits for the end of its time."""
    return Key(f"W#EXP#{shard(asset_id)}", f"{milliseconds(at)}#{asset_id}")


def expired_lane(shard_number: int, until: datetime) -> tuple[Key, str]:
    """GSI2: the files of a shard whose time ended by `until`."""
    return Key(f"W#EXP#{shard_number}", "0"), f"{milliseconds(until)}#~"


def blob(tenant_id: str, sha256: str = "") -> Key:
    """The count of uses of some bytes, or with no hash all of the tenant."""
    return Key(f"O#{tenant_id}#BLOB", sha256)


def garbage(tenant_id: str, sha256: str, since: datetime) -> Key:
    """GSI2: where bytes wait that may be unused."""
    return Key(f"W#GC#{shard(sha256)}", f"{milliseconds(since)}#{tenant_id}#{sha256}")


def garbage_lane(shard_number: int) -> Key:
    """GSI2: the bytes of a shard that may be unused."""
    return Key(f"W#GC#{shard_number}", "")


def video(tenant_id: str, video_id: str = "") -> Key:
    """A finished film, or with no id all of the tenant."""
    return Key(f"O#{tenant_id}", f"VID#{video_id}")


def entry_place(entry_id: str, at: datetime) -> str:
    """Where an entry stands in every order of the journal."""
    return f"{milliseconds(at)}#{entry_id}"


def journal(tenant_id: str, place: str = "") -> Key:
    """The tenant's journal by time, or one entry of it."""
    return Key(f"O#{tenant_id}#H", place)


def deeds(tenant_id: str, actor: str, place: str = "") -> Key:
    """GSI1: what somebody did, or one entry of it."""
    return Key(f"O#{tenant_id}#ACT#{actor}", place)


def history(tenant_id: str, resource: str, place: str = "") -> Key:
    """GSI2: what happened to a thing, or one entry of it."""
    return Key(f"O#{tenant_id}#RES#{resource}", place)


def seal(tenant_id: str, number: int) -> Key:
    """A link of the chain that seals the journal."""
    return Key(f"O#{tenant_id}#SEAL", f"{number:010d}")


def seals(tenant_id: str) -> Key:
    """The whole chain."""
    return Key(f"O#{tenant_id}#SEAL", "")


def idempotency(tenant_id: str, key: str) -> Key:
    """What a caller's idempotency key stands for. Hashed: callers choose these keys freely."""
    return Key(f"O#{tenant_id}#IDEM#{hashlib.sha256(key.encode()).hexdigest()}", "I")
