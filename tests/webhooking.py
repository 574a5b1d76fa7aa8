"""Receivers of webhooks for tests, the courier and the sender driven by hand, on a fake clock.

`verified` is written from the text of Standard Webhooks 1.0.0 alone and shares no line with
the code that signs.
"""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta

from reelsmith.domain.people import Role
from reelsmith.errors import Invalid, Unavailable
from reelsmith.ports import Answer
from reelsmith.usecases import webhooks
from reelsmith.workflow import courier, letters
from tests.builders import a_caller
from tests.world import Post

URL = "https://hooks.customer.net/reelsmith"
ADMIN = a_caller(role=Role.ADMIN)


@dataclass
class Receiver:
    """An endpoint on the internet: what it answers, and what came."""

    answer: Answer = field(default_factory=lambda: Answer(204))
    down: bool = False
    refuses: str = ""
    calls: list[tuple[dict, bytes]] = field(default_factory=list)

    def take(self, headers, body):
        if self.refuses:
            raise Invalid.field("/source_url", self.refuses, remedy="")
        if self.down:
            raise Unavailable("the server of the URL cannot be reached, or breaks off")
        self.calls.append((dict(headers), body))
        return self.answer

    def ids(self):
        """How often each event came."""
        return Counter(headers["webhook-id"] for headers, _ in self.calls)

    def told(self):
        """The types of events that came, in order."""
        return [json.loads(body)["type"] for _, body in self.calls]


@dataclass
class Internet:
    """Receivers by URL, in place of the fetcher."""

    receivers: dict[str, Receiver]

    def check(self, url):
        if not url.startswith("https://"):
            raise Invalid.field("/source_url", "it is not https", remedy="")

    def send(self, url, body, *, headers, timeout_s):
        assert timeout_s == 15
        return self.receivers[url].take(headers, body)


class Mail:
    """A world with receivers. `settle` lets couriers and senders work until nothing is due."""

    def __init__(self, world, *urls):
        self.world = world
        self.at = {url: Receiver() for url in urls or (URL,)}
        self.deps = replace(world.deps, fetcher=Internet(self.at))
        self.post: Post = self.deps.post

    @property
    def receiver(self):
        return next(iter(self.at.values()))

    def endpoint(self, url=URL, caller=ADMIN, **wanted):
        """A new endpoint and its secret."""
        shown = webhooks.create(self.deps, caller=caller, url=url, **wanted).thing
        return shown.webhook, shown.secret

    def courier(self, *bodies):
        records = [{"messageId": str(n), "body": body} for n, body in enumerate(bodies)]
        return courier.handle(self.deps, {"Records": records})

    def sender(self, letter):
        record = {"messageId": "1", "body": json.dumps(letter)}
        return letters.handle(self.deps, {"Records": [record]})

    def settle(self, *, times=1):
        """Carry letters and outcomes, each `times` times, until there are none."""
        self.courier()
        while self.post.letters or self.post.outcomes:
            waiting, self.post.letters[:] = list(self.post.letters), []
            for letter in waiting * times:
                self.sender(letter)
            outcomes, self.post.outcomes[:] = list(self.post.outcomes), []
            self.courier(*[json.dumps(outcome) for outcome in outcomes * times])

    def pass_time(self, span: timedelta, *, step: timedelta = timedelta(seconds=60)):
        """Let time go by, with a courier each step."""
        end = self.world.clock.at + span
        while self.world.clock.at < end:
            self.world.later(seconds=step.total_seconds())
            self.settle()


def verified(secret, headers, body, *, now):
    """What a receiver makes of a request: the event. Raises ValueError when it is not genuine."""
    at = int(headers["webhook-timestamp"])
    if abs(now.timestamp() - at) > 300:
        raise ValueError("too old or too new")
    key = b64decode(secret.split("_", 1)[1])
    signed = b".".join([headers["webhook-id"].encode(), str(at).encode(), body])
    wanted = b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    for one in headers["webhook-signature"].split(" "):
        version, _, given = one.partition(",")
        if version == "v1" and hmac.compare_digest(given, wanted):
            return json.loads(body)
    raise ValueError("no signature fits")
