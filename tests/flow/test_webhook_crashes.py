"""Courier and sender killed between any two steps: every event arrives, and under one id."""

import json
import sys

import pytest

from reelsmith.domain.webhooks import DeliveryStatus
from tests.builders import TENANT
from tests.table.steps import submitted
from tests.webhooking import Mail
from tests.world import a_world

WRITES = ("TransactWriteItems", "UpdateItem")


class Died(BaseException):
    """A process that is no more. Nothing in it can catch this."""


class Killer:
    """Kills at the n-th step with an effect, before the effect or when it is done."""

    def __init__(self):
        self.left, self.after, self.steps, self.armed = 0, False, 0, False

    def arm(self, nth, *, after):
        self.left, self.after, self.steps, self.armed = nth, after, 0, True

    def __call__(self, effect):
        if not self.armed:
            return effect()
        self.steps += 1
        if self.steps != self.left:
            return effect()
        self.armed = False
        if self.after:
            effect()
        raise Died

    def around(self, act):
        return lambda *given, **named: self(lambda: act(*given, **named))


@pytest.fixture(scope="module")
def mail():
    with a_world() as world:
        yield Mail(world)


@pytest.fixture(scope="module")
def killer(mail):
    killer = Killer()

    def hook(operation, arguments, send):
        return killer(send) if operation in WRITES else send()

    mail.world.table.database.hook = hook
    mail.post.order = killer.around(mail.post.order)
    mail.post.report = killer.around(mail.post.report)
    mail.receiver.take = killer.around(mail.receiver.take)
    return killer


def survive(handler, messages):
    """Handle messages as a queue hands them over: one is gone when its handler has returned."""
    while messages:
        try:
            handler(messages[0])
        except Died:
            return
        messages.pop(0)


def work(mail):
    """One visit of the courier, then everything that is in the queues."""
    for _ in range(3):
        survive(lambda _: mail.courier(), [None])
        survive(mail.sender, mail.post.letters)
        survive(lambda one: mail.courier(json.dumps(one)), mail.post.outcomes)


def a_day(mail, killer, nth, *, after):
    """A job is made, somebody dies, time goes by: how often its event came, and its delivery."""
    job = submitted(mail.deps.jobs)
    killer.arm(nth, after=after)
    work(mail)
    steps, killer.armed = killer.steps, False
    for _ in range(4):
        mail.world.later(minutes=3)
        work(mail)
    came = [
        headers["webhook-id"]
        for headers, body in mail.receiver.calls
        if json.loads(body)["data"]["id"] == job.id
    ]
    return came, steps


def test_nothing_is_lost_whoever_dies_when(mail, killer, capsys):
    webhook, _ = mail.endpoint()
    came, steps = a_day(mail, killer, 0, after=False)
    assert len(came) == 1

    again = 0
    for nth in range(1, steps + 1):
        for after in (False, True):
            came, _ = a_day(mail, killer, nth, after=after)
            assert len(set(came)) == 1, f"step {nth}, after={after}: {came}"
            again += len(came) - 1

    ended, _ = mail.deps.deliveries.page(TENANT, webhook.id, after=None, limit=100)
    assert {delivery.status for delivery in ended} == {DeliveryStatus.DELIVERED}
    assert len(ended) == 1 + 2 * steps
    assert mail.deps.events.untold(limit=10) == ()
    with capsys.disabled():
        sys.stdout.write(f"\n{2 * steps} crash points of a webhook, 0 lost, {again} sent twice\n")
    assert again <= 2 * steps / 2
