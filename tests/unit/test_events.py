"""What events say, and the calendar of deliveries."""

from datetime import timedelta

import pytest

from reelsmith.domain import events
from reelsmith.domain.jobs import ECHO_MOST_BYTES, JobStatus, echo_of
from reelsmith.domain.webhooks import OFFSETS_S, DeliveryStatus, Outcome
from reelsmith.http.views.jobs import JobHead
from tests.builders import EPOCH, a_delivery, a_job, a_webhook
from tests.table.steps import a_film, as_started


def outcome(delivery, **said):
    return Outcome(
        tenant=delivery.tenant,
        webhook=delivery.webhook,
        delivery=delivery.id,
        attempt=delivery.attempts,
        **said,
    )


@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.PROCESSING, JobStatus.COMPLETED])
def test_an_event_says_of_a_job_what_lists_say(status):
    job = a_job(metadata={"order": 17})
    if status is not JobStatus.QUEUED:
        job = as_started(job)
    if status is JobStatus.COMPLETED:
        job, _ = a_film(job)

    event = events.of_job(job, event_id="evt_1")

    shown = JobHead.of(job).model_dump(mode="json")
    told = JobHead.model_validate(event.data).model_dump(mode="json")
    assert told == shown
    assert event.data.keys() == shown.keys() | {"metadata"}
    assert event.type == f"job.{status}"


def test_the_largest_envelope_is_below_what_receivers_have_to_take():
    job, _ = a_film(as_started(a_job(title="\U0001f600" * 200, metadata={"a": "x" * 1000})))
    result = job.result.model_copy(update={"warnings": ("something is odd here",) * 2000})

    event = events.of_job(job.model_copy(update={"result": result}), event_id="evt_1")

    assert len(event.body()) < events.ENVELOPE_MOST_BYTES
    assert event.data["result"]["frames"] == 271


def test_metadata_is_echoed_whole_or_not_at_all():
    assert echo_of({}) == {}
    assert echo_of({"a": "x" * (ECHO_MOST_BYTES - 8)}) is not None
    assert echo_of({"a": "x" * ECHO_MOST_BYTES}) is None


def test_places_go_up_even_when_clocks_go_back():
    first = events.place_at(EPOCH)
    second = events.place_at(EPOCH, after=first)
    third = events.place_at(EPOCH - timedelta(hours=1), after=second)
    assert first < second < third
    assert third < events.place_at(EPOCH + timedelta(seconds=1), after=third)


def test_a_delivery_makes_all_attempts_of_its_calendar_and_no_more():
    delivery, at, made = a_delivery(), EPOCH, []
    while delivery.next_at:
        at = delivery.next_at
        made.append((at - EPOCH).total_seconds())
        delivery = delivery.begun(at=at)
        delivery = delivery.told(outcome(delivery, status=500), at=at)

    assert delivery.status is DeliveryStatus.GIVEN_UP
    assert len(made) == len(OFFSETS_S)
    gaps = [b - a for a, b in zip(OFFSETS_S, OFFSETS_S[1:], strict=False)]
    for at_s, planned, gap in zip(made, OFFSETS_S, [0, *gaps], strict=True):
        assert planned <= at_s <= planned + 5 + gap * 0.1


def test_jitter_sets_deliveries_apart():
    later = set()
    for _ in range(20):
        begun = a_delivery().begun(at=EPOCH).begun(at=EPOCH)
        later.add(begun.told(outcome(begun, status=500), at=EPOCH).next_at)
    assert len(later) > 10


def test_retry_after_holds_for_a_day_at_most():
    begun = a_delivery().begun(at=EPOCH)
    told = begun.told(outcome(begun, status=503, retry_after_s=10**9), at=EPOCH)
    assert told.next_at == EPOCH + timedelta(days=1)


@pytest.mark.parametrize(
    ("failures", "hours", "lost"),
    [(5, 23, False), (5, 24, True), (500, 0.5, False), (99, 2, False), (100, 1, True)],
)
def test_an_outage_of_half_an_hour_switches_nothing_off_however_many_failed(failures, hours, lost):
    webhook = a_webhook(failures=failures, failing_since=EPOCH)
    assert webhook.is_lost(EPOCH + timedelta(hours=hours)) is lost
