"""The log of events: how events get into it, and how programs follow it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from reelsmith.domain import rights
from reelsmith.domain.events import Event, EventType
from reelsmith.domain.people import Caller
from reelsmith.domain.rights import Act, Reach
from reelsmith.domain.webhooks import Delivery, Webhook
from reelsmith.ports import Deps, EventPage

WAIT_MOST_S = 20  # API Gateway answers for us after 30 s
_LOOK_EVERY_S = 1.0
_MOST = 500  # events that a round gives their places


@dataclass(frozen=True, slots=True)
class _Router:
    """Which endpoints of a tenant an event goes to."""

    deps: Deps
    webhooks: Sequence[Webhook]

    def __call__(self, event: Event) -> Sequence[Delivery]:
        now = self.deps.now()
        wanted = (webhook for webhook in self.webhooks if webhook.wants(event))
        return [Delivery.of(event, webhook, at=now) for webhook in wanted]


def follow(
    deps: Deps,
    *,
    caller: Caller,
    types: Sequence[EventType] = (),
    after: str | None = None,
    limit: int,
    seconds: int = 0,
) -> EventPage:
    """Events after a place, oldest first; where there are none, those of the next `seconds`.

    Who goes on at the `after` of each page misses none. Whoever is no administrator sees the
    events of its own things. Raises Forbidden.
    """
    owner = None if rights.require(caller, Act.EVENTS_READ) is Reach.TENANT else caller.owner
    left = min(seconds, WAIT_MOST_S)
    while True:
        page = deps.events.page(caller.tenant, owner=owner, types=types, after=after, limit=limit)
        if page.events or page.more or left <= 0:
            return page
        after, left = page.after, left - 1
        time.sleep(_LOOK_EVERY_S)


def publish_due(deps: Deps) -> int:
    """Give new events of all tenants their places in the log, with their deliveries; how many.

    An event leaves the list of new ones in the transaction that does so, so that none is lost and
    none comes twice, whoever dies when.
    """
    waiting = sorted(deps.events.untold(limit=_MOST), key=lambda event: event.tenant)
    published = 0
    for tenant, found in groupby(waiting, key=lambda event: event.tenant):
        told = tuple(found)
        router = _Router(deps, deps.webhooks.all(tenant))
        if deps.events.publish(tenant, told, at=deps.now(), route=router):
            published += len(told)
        else:  # another courier is at it, and may not have seen all of these
            deps.post.wake()
    return published
