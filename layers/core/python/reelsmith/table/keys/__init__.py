"""Every key pattern in the table. Read this page to know what can be asked of it.

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
batch        O#<t>               BAT#<id>                                       W#BAT#<sh> /
                                                                                <ms>#<id>
refused row  O#<t>#B#<batch>     <number>
audit entry  O#<t>#H             <ms>#<entry>         O#<t>#ACT#<actor> /       O#<t>#RES#<thing> /
                                                      <ms>#<entry>              <ms>#<entry>
seal         O#<t>#SEAL          <number>
idempotency  O#<t>#IDEM#<hash>   I
new event    O#<t>#EV            OUT#<id>                                       W#EV#<sh> /
                                                                                <ms>#<id>
event        O#<t>#EV            <place>
log's end    O#<t>#EV            HEAD
webhook      O#<t>#HOOK          <id>
delivery     O#<t>#HK            <webhook>#<id>                                 W#DLV#<sh> /
                                                                                <ms>#<id>
totals       G#CNT#<sh>          0
lease        G#LEASE#<name>      0
pace         G#TURNS             PACE#<name>
service      G#TURNS             SERVICE
sweep        G#SWEEP             0

A job header's place in GSI2 says what is to be done about it:
queued       W#JOB#<sh> / <rank>#<j>       taken by the dispatcher, most urgent lane first
processing   W#JOB#<sh> / 9#<ms>#<j>       watched by the sweeper, oldest move first
final, by a drop folder  W#DROP#<sh> / <ms>#<j>   until its results stand in the folder
any other    none

A blob is in GSI2 from a release of one of its uses until it is collected or seen to be in use.
The pointers to owned things tell a user's things by time, and let a deletion find all of them.
A new event waits in GSI2 until it has its place in the log. A delivery stands there by the time of
its next attempt, until it is over.
`ttl` stands on audit entries (400 days), events and deliveries (30 days), rows of days,
idempotency records, buckets and windows, exports, ended sessions and ended links only; readers
check it themselves.

What is asked of it by these keys, and what that costs, stands in the docstring of the room.
"""

from reelsmith.table.keys.accounts import (
    belongings,
    erasing,
    erasing_lane,
    export,
    leaving,
    leaving_lane,
    leftover,
    leftover_lane,
    leftover_place,
    limit,
    tenant,
    tenants_lane,
    unique_name,
    unwritten,
    unwritten_lane,
    usage,
    usage_days,
    usage_on,
    user,
    user_usage,
)
from reelsmith.table.keys.base import (
    GSI1,
    GSI1_PK,
    GSI1_SK,
    GSI2,
    GSI2_PK,
    GSI2_SK,
    PK,
    SHARDS,
    SK,
    TTL,
    Key,
    milliseconds,
    shard,
)
from reelsmith.table.keys.batches import batch, batch_lane, refused_row, unfinished
from reelsmith.table.keys.credentials import (
    api_key,
    password,
    session,
    sessions_of,
    share,
    shares_of,
)
from reelsmith.table.keys.events import (
    delivery,
    event,
    log,
    log_end,
    new_event,
    undelivered,
    undelivered_lane,
    untold,
    untold_lane,
    webhook,
)
from reelsmith.table.keys.jobs import (
    drop_lane,
    job,
    job_children,
    job_progress,
    job_spec,
    job_task,
    job_tasks,
    jobs_by_status,
    queue_lanes,
    queued,
    running,
    running_lane,
    unsettled,
)
from reelsmith.table.keys.library import (
    asset,
    assets_by_name,
    blob,
    expired_lane,
    expiring,
    garbage,
    garbage_lane,
    owned,
    video,
)
from reelsmith.table.keys.records import (
    deeds,
    entry_place,
    history,
    idempotency,
    journal,
    seal,
    seals,
)
from reelsmith.table.keys.system import lease, pace, service, sweep, totals

__all__ = [
    "GSI1",
    "GSI1_PK",
    "GSI1_SK",
    "GSI2",
    "GSI2_PK",
    "GSI2_SK",
    "Key",
    "PK",
    "SHARDS",
    "SK",
    "TTL",
    "api_key",
    "asset",
    "assets_by_name",
    "batch",
    "batch_lane",
    "belongings",
    "blob",
    "deeds",
    "delivery",
    "drop_lane",
    "entry_place",
    "erasing",
    "erasing_lane",
    "event",
    "expired_lane",
    "expiring",
    "export",
    "garbage",
    "garbage_lane",
    "history",
    "idempotency",
    "job",
    "job_children",
    "job_progress",
    "job_spec",
    "job_task",
    "job_tasks",
    "jobs_by_status",
    "journal",
    "lease",
    "leaving",
    "leaving_lane",
    "leftover",
    "leftover_lane",
    "leftover_place",
    "limit",
    "log",
    "log_end",
    "milliseconds",
    "new_event",
    "owned",
    "pace",
    "password",
    "queue_lanes",
    "queued",
    "refused_row",
    "running",
    "running_lane",
    "seal",
    "seals",
    "service",
    "sweep",
    "session",
    "sessions_of",
    "shard",
    "share",
    "shares_of",
    "tenant",
    "tenants_lane",
    "totals",
    "undelivered",
    "undelivered_lane",
    "unfinished",
    "unique_name",
    "unsettled",
    "untold",
    "untold_lane",
    "unwritten",
    "unwritten_lane",
    "usage",
    "usage_days",
    "usage_on",
    "user",
    "user_usage",
    "video",
    "webhook",
]
