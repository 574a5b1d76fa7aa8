"""Webhooks from a job's move to a receiver: what arrives, and what happens when it does not."""

import json
from datetime import timedelta

import pytest

from reelsmith.domain.events import EventType
from reelsmith.domain.webhooks import DeliveryStatus, Reason
from reelsmith.errors import Conflict, NotFound, Unavailable
from reelsmith.ports import Answer
from reelsmith.usecases import uploads, webhooks
from tests.builders import TENANT, an_asset, an_entry, an_id
from tests.homes import at_home
from tests.table.steps import a_film, ended, history, moved, started, submitted
from tests.webhooking import ADMIN, URL, Mail, verified
from tests.world import a_world

OTHER = "https://other.customer.net/hook"


@pytest.fixture
def mail():
    with a_world() as world:
        yield Mail(world, URL, OTHER)


def deliveries(mail, webhook):
    return mail.deps.deliveries.page(TENANT, webhook.id, after=None, limit=100)[0]


def test_each_move_of_a_job_arrives_signed_with_its_head_and_metadata(mail):
    webhook, secret = mail.endpoint()
    job = submitted(mail.deps.jobs, metadata={"order": 17})
    running = started(mail.deps.jobs, job)
    done, video = a_film(running)
    moved(mail.deps.jobs, running, done, video=video)

    mail.settle()

    now = mail.world.clock()
    told = [verified(secret, *call, now=now) for call in mail.receiver.calls]
    assert sorted(one["type"] for one in told) == [
        "job.completed",
        "job.processing",
        "job.queued",
        "video.ready",
    ]
    completed = next(one for one in told if one["type"] == "job.completed")
    assert completed["data"]["id"] == job.id
    assert completed["data"]["result"]["frames"] == 271
    assert completed["data"]["metadata"] == {"order": 17}
    assert completed["timestamp"].endswith("Z")
    assert {d.status for d in deliveries(mail, webhook)} == {DeliveryStatus.DELIVERED}


def test_an_endpoint_gets_what_it_asked_for_only(mail):
    mail.endpoint(types=(EventType.JOB_FAILED,))
    mail.endpoint(OTHER)

    ended(mail.deps.jobs, started(mail.deps.jobs))
    mail.settle()

    assert mail.receiver.told() == ["job.failed"]
    assert sorted(mail.at[OTHER].told()) == ["job.failed", "job.processing", "job.queued"]


def test_another_tenants_events_arrive_nowhere_else(mail):
    mail.endpoint()
    elsewhere = at_home(mail.world.table.repositories, id=an_id("ten"))

    submitted(mail.deps.jobs, tenant=elsewhere.id)
    mail.settle()

    assert mail.receiver.calls == []


def test_a_receiver_that_is_down_for_half_an_hour_gets_every_event_under_one_id(mail):
    _, secret = mail.endpoint()
    mail.receiver.down = True
    jobs = [submitted(mail.deps.jobs) for _ in range(5)]
    mail.settle()
    mail.pass_time(timedelta(minutes=30), step=timedelta(minutes=5))
    mail.receiver.down = False

    jobs += [submitted(mail.deps.jobs) for _ in range(5)]
    mail.pass_time(timedelta(hours=3), step=timedelta(minutes=45))

    ids = mail.receiver.ids()
    assert len(ids) == 10
    assert set(ids.values()) == {1}
    heard = {json.loads(body)["data"]["id"] for _, body in mail.receiver.calls}
    assert heard == {job.id for job in jobs}


def test_a_flapping_receiver_gets_every_event(mail):
    webhook, _ = mail.endpoint()
    for minute in range(12):
        mail.receiver.down = minute % 3 != 0
        submitted(mail.deps.jobs)
        mail.pass_time(timedelta(minutes=1))
    mail.receiver.down = False
    mail.pass_time(timedelta(hours=3), step=timedelta(minutes=30))

    assert len(mail.receiver.ids()) == 12
    assert deliveries(mail, webhook)[0].status is DeliveryStatus.DELIVERED
    assert mail.deps.webhooks.get(TENANT, webhook.id).failures == 0


def test_what_the_queues_deliver_twice_is_counted_once(mail):
    webhook, _ = mail.endpoint()
    mail.receiver.answer = Answer(500)
    submitted(mail.deps.jobs)

    mail.settle(times=3)

    (delivery,) = deliveries(mail, webhook)
    assert (delivery.attempts, delivery.last_status) == (1, 500)
    assert set(mail.receiver.ids().values()) == {3}
    assert mail.deps.webhooks.get(TENANT, webhook.id).failures == 1


def test_attempts_follow_the_schedule_and_end_after_a_day(mail):
    webhook, _ = mail.endpoint()
    mail.receiver.down = True
    submitted(mail.deps.jobs)
    mail.settle()
    gaps = []
    while (delivery := deliveries(mail, webhook)[-1]).next_at:
        gaps.append((delivery.next_at - mail.world.clock.at).total_seconds())
        mail.world.clock.at = delivery.next_at
        mail.settle()

    planned = [5, 295, 1500, 5400, 10800, 18000, 14400, 21600, 14400]
    assert len(gaps) == len(planned)
    for gap, plan in zip(gaps, planned, strict=True):
        assert plan * 0.75 <= gap <= plan * 1.2
    assert delivery.status is DeliveryStatus.GIVEN_UP


def test_the_courier_is_called_for_what_the_index_does_not_show_yet_and_for_what_is_due_soon(mail):
    mail.endpoint()
    mail.receiver.answer = Answer(500)
    submitted(mail.deps.jobs)

    mail.courier()
    assert mail.post.calls == [1]
    mail.post.calls.clear()
    mail.settle()
    (after_s,) = mail.post.calls
    assert 5 <= after_s <= 6


def test_a_redirect_is_a_failure_and_is_not_followed(mail):
    webhook, _ = mail.endpoint()
    mail.receiver.answer = Answer(302)
    submitted(mail.deps.jobs)
    mail.settle()

    (delivery,) = deliveries(mail, webhook)
    assert (delivery.status, delivery.last_status) == (DeliveryStatus.PENDING, 302)


def test_gone_switches_off_at_once_and_the_others_are_told(mail):
    webhook, _ = mail.endpoint()
    mail.endpoint(OTHER, types=(EventType.WEBHOOK_DISABLED,))
    mail.receiver.answer = Answer(410)
    submitted(mail.deps.jobs)
    submitted(mail.deps.jobs)
    mail.settle()
    mail.pass_time(timedelta(minutes=10))

    off = mail.deps.webhooks.get(TENANT, webhook.id)
    assert (off.enabled, off.disabled_reason) == (False, Reason.GONE)
    assert {d.status for d in deliveries(mail, webhook)} == {DeliveryStatus.GIVEN_UP}
    assert mail.at[OTHER].told() == ["webhook.disabled"]
    assert "webhook.disabled" in history(mail.world.table, webhook.id)


def test_retry_after_is_waited_for(mail):
    webhook, _ = mail.endpoint()
    mail.receiver.answer = Answer(503, "120")
    submitted(mail.deps.jobs)
    mail.settle()

    (delivery,) = deliveries(mail, webhook)
    assert delivery.next_at == mail.world.clock.at + timedelta(seconds=120)


def test_an_endpoint_that_fails_for_a_day_is_switched_off_and_starts_anew_when_switched_on(mail):
    webhook, _ = mail.endpoint()
    mail.receiver.down = True
    submitted(mail.deps.jobs)
    mail.pass_time(timedelta(hours=30), step=timedelta(hours=3))

    off = mail.deps.webhooks.get(TENANT, webhook.id)
    assert (off.enabled, off.disabled_reason) == (False, Reason.FAILING)
    with pytest.raises(Conflict, match="switched off"):
        webhooks.test(mail.deps, caller=ADMIN, webhook_id=webhook.id)

    mail.receiver.down = False
    on = webhooks.change(mail.deps, caller=ADMIN, webhook=off, wanted={"enabled": True})
    submitted(mail.deps.jobs)
    mail.settle()
    assert (on.failures, on.failing_since) == (0, None)
    assert mail.receiver.told() == ["job.queued"]


def test_while_it_rotates_both_secrets_are_good_and_after_a_day_one(mail):
    webhook, first = mail.endpoint()
    second = webhooks.rotate(mail.deps, caller=ADMIN, webhook_id=webhook.id).secret
    with pytest.raises(Conflict, match="two secrets"):
        webhooks.rotate(mail.deps, caller=ADMIN, webhook_id=webhook.id)
    submitted(mail.deps.jobs)
    mail.settle()
    (call,) = mail.receiver.calls
    for secret in (first, second):
        assert verified(secret, *call, now=mail.world.clock())["type"] == "job.queued"

    mail.world.later(hours=25)
    submitted(mail.deps.jobs)
    mail.settle()
    call = mail.receiver.calls[-1]
    assert verified(second, *call, now=mail.world.clock())
    with pytest.raises(ValueError, match="no signature"):
        verified(first, *call, now=mail.world.clock())


def test_one_delivery_and_a_span_of_them_are_repeated_under_the_same_ids(mail):
    webhook, _ = mail.endpoint()
    since = mail.world.clock.at
    for _ in range(3):
        submitted(mail.deps.jobs)
        mail.world.later(minutes=1)
        mail.settle()
    one = deliveries(mail, webhook)[0]

    webhooks.replay(mail.deps, caller=ADMIN, webhook_id=webhook.id, delivery_id=one.id)
    mail.settle()
    assert mail.receiver.ids()[one.event] == 2

    late, _ = mail.endpoint(OTHER)
    span = {"since": since, "until": None}
    again = webhooks.replay_span(mail.deps, caller=ADMIN, webhook_id=webhook.id, **span)
    new = webhooks.replay_span(mail.deps, caller=ADMIN, webhook_id=late.id, **span)
    mail.pass_time(timedelta(minutes=1))
    assert (again.events, new.events) == (3, 3)
    assert sorted(mail.receiver.ids().values()) == [2, 2, 3]
    assert mail.at[OTHER].ids().keys() == mail.receiver.ids().keys()


def test_a_test_goes_to_the_endpoint_that_it_names_whatever_that_one_wants(mail):
    webhook, secret = mail.endpoint(types=(EventType.JOB_FAILED,))
    mail.endpoint(OTHER)

    webhooks.test(mail.deps, caller=ADMIN, webhook_id=webhook.id)
    mail.settle()

    (call,) = mail.receiver.calls
    assert verified(secret, *call, now=mail.world.clock())["type"] == "webhook.test"
    assert mail.at[OTHER].calls == []


def test_a_file_whose_time_is_over_is_told_of(mail):
    mail.endpoint()
    asset = an_asset(expires_at=mail.world.clock() - timedelta(days=1))
    mail.deps.assets.add(asset, entry=an_entry(resource=asset.id))

    uploads.expire(mail.deps)
    mail.settle()

    assert mail.receiver.told() == ["file.expired"]
    told = json.loads(mail.receiver.calls[0][1])["data"]
    assert (told["id"], told["filename"]) == (asset.id, asset.original_filename)


def test_a_host_that_turns_out_not_to_be_public_is_a_failed_attempt(mail):
    webhook, _ = mail.endpoint()
    mail.receiver.refuses = "its host is not on the public internet"
    submitted(mail.deps.jobs)
    mail.settle()

    (delivery,) = deliveries(mail, webhook)
    assert delivery.last_error == "its host is not on the public internet"
    assert delivery.status is DeliveryStatus.PENDING


def test_a_slow_endpoint_holds_up_no_other(mail):
    mail.endpoint()
    mail.endpoint(OTHER)
    for _ in range(20):
        submitted(mail.deps.jobs)

    mail.courier()

    to = [letter["url"] for letter in mail.post.letters]
    assert (to.count(URL), to.count(OTHER)) == (8, 8)
    mail.post.letters[:] = [one for one in mail.post.letters if one["url"] == OTHER]
    mail.settle()  # nothing is heard of those to the slow one
    assert len(mail.at[OTHER].ids()) == 20


def test_what_nobody_heard_of_is_sent_again(mail):
    webhook, _ = mail.endpoint()
    submitted(mail.deps.jobs)
    mail.courier()
    mail.post.letters.clear()

    mail.pass_time(timedelta(minutes=4))

    assert len(mail.receiver.ids()) == 1
    assert deliveries(mail, webhook)[0].attempts == 2


def test_a_delivery_that_kills_every_sender_ends_by_the_calendar(mail):
    webhook, _ = mail.endpoint()
    submitted(mail.deps.jobs)
    while (delivery := next(iter(deliveries(mail, webhook)), None)) is None or delivery.next_at:
        mail.world.clock.at = delivery.next_at if delivery else mail.world.clock.at
        mail.courier()
        mail.post.letters.clear()

    assert (delivery.status, delivery.attempts) == (DeliveryStatus.GIVEN_UP, 10)
    assert delivery.last_error == "nothing was heard of the attempt"
    assert mail.deps.webhooks.get(TENANT, webhook.id).enabled


def test_events_and_filters_of_a_later_release_stop_nobody(mail):
    webhook, _ = mail.endpoint(types=("job.queued", "moon.rose"))
    mail.endpoint(OTHER)
    submitted(mail.deps.jobs)
    later = mail.deps.events.untold(limit=1)[0].model_copy(
        update={"id": an_id("evt"), "type": "moon.rose", "resource": "moo_1"}
    )
    mail.deps.events.add(later)
    mail.settle()

    assert sorted(mail.receiver.told()) == sorted(mail.at[OTHER].told())
    assert sorted(mail.receiver.told()) == ["job.queued", "moon.rose"]
    assert {one.type for one in deliveries(mail, webhook)} == {"job.queued", "moon.rose"}


def test_a_letter_that_comes_too_late_is_not_sent(mail):
    mail.endpoint()
    submitted(mail.deps.jobs)
    mail.courier()
    (letter,) = mail.post.letters

    mail.world.later(minutes=2)

    assert mail.sender(letter) == {"batchItemFailures": []}
    assert mail.receiver.calls == []


def test_an_outcome_that_cannot_be_told_comes_again(mail, monkeypatch):
    mail.endpoint()
    submitted(mail.deps.jobs)
    mail.courier()
    (letter,) = mail.post.letters

    def away(outcome):
        raise Unavailable("away")

    monkeypatch.setattr(mail.post, "report", away)
    assert mail.sender(letter) == {"batchItemFailures": [{"itemIdentifier": "1"}]}


@pytest.mark.parametrize("body", ["", "no json", "[]", '{"tenant": 1}', "null"])
def test_poison_ends(mail, body):
    assert mail.courier(body) == {"batchItemFailures": []}
    assert mail.sender(body) == {"batchItemFailures": []}


def test_an_outcome_for_what_is_not_there_changes_nothing(mail):
    webhook, _ = mail.endpoint()
    outcome = {"tenant": TENANT, "webhook": webhook.id, "delivery": "dlv_none", "attempt": 1}

    assert mail.courier(json.dumps(outcome)) == {"batchItemFailures": []}


def test_an_endpoint_that_was_deleted_gets_nothing_more(mail):
    webhook, _ = mail.endpoint()
    mail.receiver.down = True
    submitted(mail.deps.jobs)
    mail.settle()
    webhooks.remove(mail.deps, caller=ADMIN, webhook_id=webhook.id)
    mail.receiver.down = False

    mail.pass_time(timedelta(minutes=10))

    assert mail.receiver.calls == []
    (delivery,) = deliveries(mail, webhook)
    assert delivery.status is DeliveryStatus.GIVEN_UP
    with pytest.raises(NotFound):
        mail.deps.webhooks.get(TENANT, webhook.id)
