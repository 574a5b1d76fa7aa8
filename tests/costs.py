"""What each call of the API costs in the table, as a page: `python -m tests.costs` writes it.

Units are DynamoDB's, by its published rules, from the items that each request really touched (see
`tests/table/metering.py`). They are exact, so that a test holds the page to them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from reelsmith.domain.access import Access
from reelsmith.domain.people import Caller, Role
from reelsmith.http import authorizer
from reelsmith.http.app import open_doors
from reelsmith.http.examples import BODIES
from reelsmith.usecases import batches, events, feeding, people
from reelsmith.usecases.limits import LEASE_MOST
from reelsmith.usecases.orders import Order
from tests.builders import TENANT
from tests.calling import NOBODY, request
from tests.security import rooms
from tests.table.metering import Meter
from tests.table.steps import ended, started
from tests.world import a_world

AnswerT = TypeVar("AnswerT")
PAGE = Path(__file__).parents[1] / "docs" / "costs.md"
PAGE_OF = 20  # things in each list
LOGIN = {"username": "ana-costs", "password": rooms.PASSWORD}
_USD_PER_MILLION_WRITES, _USD_PER_MILLION_READS = 0.625, 0.125

INTRO = f"""# What a call costs in the table

Written by `python -m tests.costs`; `tests/unit/test_costs_page.py` holds it to what is measured.
W and R are DynamoDB's write and read request units, counted by its published rules from the items
that the call touched, as an administrator unless said otherwise, with {PAGE_OF} things in a list.
USD are of a million such calls, on demand in us-east-1 (${_USD_PER_MILLION_WRITES} and
${_USD_PER_MILLION_READS} a million units, list prices that were not checked with AWS).

On top comes what every call shares: rate limits and the count of calls, 3 W for each
{LEASE_MOST} calls of a busy process, 3 to 5 W for a call of an idle one; the limits of the
tenant, 1 R a minute and process; and the authorizer, which is the first row, once a minute and
credential. Writes look at the credential again, which is in their rows. A move of a job writes its
event, which is in its row; the event is then given its place in the log for 7 W and about 1 R, and
sent to a webhook for 8 W and 4 R. The courier looks each minute and after moves, for 12 R.

| call | | W | R | USD a million |
|---|---|--:|--:|--:|
"""


@dataclass(frozen=True)
class Call:
    """One call to measure. Names in braces are ids of things that are there."""

    method: str
    path: str
    says: str = ""
    body: Any = None
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    who: str = "admin"


_TWICE = {"idempotency-key": "monday"}
_LIST = {"limit": str(PAGE_OF)}
CALLS = (
    Call("GET", "/v1/health", who=NOBODY),
    Call("GET", "/v1/health/deep"),
    Call("GET", "/v1/jobs", f"{PAGE_OF}", query=_LIST),
    Call("GET", "/v1/jobs", f"{PAGE_OF}, own, as a user", query=_LIST, who="user"),
    Call("GET", "/v1/jobs/{queued}", "queued"),
    Call("GET", "/v1/jobs/{done}", "completed"),
    Call("GET", "/v1/videos", f"{PAGE_OF}", query=_LIST),
    Call("GET", "/v1/videos/{video}"),
    Call("GET", "/v1/videos/{video}/content"),
    Call("GET", "/v1/assets", f"{PAGE_OF}", query=_LIST),
    Call("GET", "/v1/assets/{asset}"),
    Call("GET", "/v1/uploads/{asset}", "ready"),
    Call("GET", "/v1/shared/{token}", "a link", who=NOBODY),
    Call("GET", "/v1/videos/{video}/shares"),
    Call("GET", "/v1/me"),
    Call("GET", "/v1/users", query=_LIST),
    Call("GET", "/v1/users/{user}"),
    Call("GET", "/v1/keys"),
    Call("GET", "/v1/sessions"),
    Call("GET", "/v1/tenant"),
    Call("GET", "/v1/usage", "30 days of the tenant"),
    Call("GET", "/v1/usage", "30 days of one's own", who="user"),
    Call("POST", "/v1/jobs", "without a key", body=BODIES["jobs_create"]),
    Call("POST", "/v1/jobs", "with a key", body=BODIES["jobs_create"], headers=_TWICE),
    Call("POST", "/v1/jobs", "the same again", body=BODIES["jobs_create"], headers=_TWICE),
    Call("POST", "/v1/jobs/{queued}/cancel", "queued"),
    Call("DELETE", "/v1/jobs/{failed}", "without tasks"),
    Call("POST", "/v1/uploads", body=BODIES["uploads_ask"]),
    Call("PATCH", "/v1/videos/{video}", body={"title": "Winter sale"}),
    Call("POST", "/v1/videos/{video}/shares", body=BODIES["videos_share"]),
    Call("DELETE", "/v1/shares/{share}"),
    Call("DELETE", "/v1/videos/{video}"),
    Call("PATCH", "/v1/assets/{asset}", body={"filename": "beach-2.jpg"}),
    Call("DELETE", "/v1/assets/{asset}"),
    Call("POST", "/v1/users", "with a password", body=LOGIN),
    Call("PATCH", "/v1/users/{user}", body={"name": "Ana María"}),
    Call("POST", "/v1/sessions", "right password", body=LOGIN, who=NOBODY),
    Call("POST", "/v1/keys", body={"name": "nightly import"}),
    Call("DELETE", "/v1/keys/{key}"),
    Call("DELETE", "/v1/users/{user}"),
    Call("GET", "/v1/events", f"{PAGE_OF}", query=_LIST),
    Call("POST", "/v1/webhooks", body=BODIES["webhooks_create"]),
    Call("POST", "/v1/webhooks/{webhook}/test"),
    Call("GET", "/v1/webhooks/{webhook}/deliveries", f"{PAGE_OF}", query=_LIST),
    Call("PATCH", "/v1/tenant", body={"name": "Eva's"}),
)
_ROWS = [{"text_prompt": f"Oferta {number}"} for number in range(PAGE_OF)]
_SEASON = {"kind": "batch", "title": "Season 1", "urls": ["https://example.com/1.mp4"]}
MANY = (
    Call("POST", "/v1/jobs/{lost}/resume", "failed"),
    Call("POST", "/v1/jobs/{spoilt}/retry", "failed"),
    Call("POST", "/v1/jobs", "kind `batch`, of one URL", body=_SEASON),
    Call("POST", "/v1/batches", "however many rows", body={"title": "Ads", "rows": _ROWS}),
    Call("GET", "/v1/batches", "1", query=_LIST),
    Call("GET", "/v1/batches/{batch}"),
    Call("GET", "/v1/batches/{batch}/rows", f"{PAGE_OF} that are jobs", query=_LIST),
    Call("POST", "/v1/batches/{batch}/cancel", f"and {PAGE_OF} queued jobs of it"),
)


class Bench:
    """A world with things in it, and the doors to it."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.doors = open_doors(world.deps)
        self.doors._turnstile = _EverybodyPasses()
        self.who = {
            "admin": rooms.a_person(world, Role.ADMIN, tenant=TENANT),
            "user": rooms.a_person(world, Role.USER, tenant=TENANT),
        }
        admin = self.who["admin"]
        made = {
            "queued": rooms.a_job_of,
            "video": rooms.a_video_of,
            "asset": rooms.an_asset_of,
            "key": rooms.a_key_of,
            "share": rooms.a_share_of,
            "token": rooms.a_link_of,
            "webhook": rooms.a_webhook_of,
        }
        self.things = {name: make(world, admin, Access.PRIVATE) for name, make in made.items()}
        self.things["user"] = rooms.a_person(world, Role.USER, tenant=TENANT).owner
        self.things["done"] = world.deps.videos.get(TENANT, self.things["video"]).job_id
        self.things["failed"] = self._failed()
        for _ in range(PAGE_OF):
            rooms.a_video_of(world, self.who["user"], Access.PRIVATE)
            rooms.an_asset_of(world, admin, Access.PRIVATE)
        events.publish_due(world.deps)

    def _failed(self) -> str:
        jobs, admin = self.world.deps.jobs, self.who["admin"]
        return ended(jobs, started(jobs, owner=admin.owner)).id

    def order_many(self) -> tuple[int, float, float]:
        """Order a batch and feed it in a round; how many rows became jobs, and the units."""
        deps, admin = self.world.deps, self.who["admin"]
        self.things |= {"lost": self._failed(), "spoilt": self._failed()}
        order = Order(title="Ads", rows=tuple(_ROWS))
        self.things["batch"] = batches.submit(deps, caller=admin, order=order).thing.id
        return self.measured(lambda: feeding.advance(deps, seconds=60).submitted)

    def send(self, call: Call) -> tuple[int, float, float]:
        """Status of the answer, and the units that it cost."""
        who = NOBODY if call.who == NOBODY else self.who[call.who]
        path = call.path.format(**self.things)
        event = request(call.method, path, call.body, who, call.query, call.headers)
        return self.measured(lambda: self.doors.app.resolve(event, None)["statusCode"])

    def look_up(self) -> tuple[bool, float, float]:
        """What the authorizer's look at a key costs."""
        owner = self.who["user"].owner
        _, token = people.issue_key(self.world.deps, tenant=TENANT, owner=owner, role=Role.USER)
        asked = {"headers": {"authorization": f"Bearer {token}"}}
        return self.measured(lambda: authorizer.answer(self.world.deps, asked)["isAuthorized"])

    def measured(self, wish: Callable[[], AnswerT]) -> tuple[AnswerT, float, float]:
        """What came of a wish, and its units."""
        self.world.table.database.hook = meter = Meter(self.world.table.database)
        try:
            return wish(), meter.writes, meter.reads
        finally:
            self.world.table.database.hook = None


class _EverybodyPasses:
    """Limits are leased for many calls at once: the page tells their share apart."""

    def admit(self, caller: Caller) -> None:
        pass

    def admit_openly(self, app: object, *, writes: bool) -> None:
        pass


def rows() -> Iterator[str]:
    """The lines of the table. Raises AssertionError when a call was refused."""
    with a_world() as world:
        bench = Bench(world)
        known, *units = bench.look_up()
        assert known
        yield _row("the authorizer", "a key", *units)
        yield from _sent(bench, CALLS)
        fed, *units = bench.order_many()
        assert fed == PAGE_OF
        yield _row("a round", f"{fed} rows of a batch become jobs", *units)
        yield from _sent(bench, MANY)


def _sent(bench: Bench, calls: Iterable[Call]) -> Iterator[str]:
    for call in calls:
        status, *units = bench.send(call)
        assert status < 400, (call, status)
        yield _row(f"`{call.method} {call.path}`", call.says, *units)


def page() -> str:
    """The whole page."""
    return INTRO + "".join(rows())


def _row(named: str, says: str, writes: float, reads: float) -> str:
    usd = writes * _USD_PER_MILLION_WRITES + reads * _USD_PER_MILLION_READS
    return f"| {named} | {says} | {writes:g} | {reads:g} | {usd:.2f} |\n"


if __name__ == "__main__":
    PAGE.write_text(page())
