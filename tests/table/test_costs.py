"""What each wish costs, in DynamoDB's units. A change that makes one dearer is seen here."""

import pytest

from reelsmith.domain.job_filters import JobFilter
from reelsmith.domain.jobs import JobStatus, Stage
from reelsmith.domain.webhooks import Delivery, Outcome
from reelsmith.table import keys
from tests.builders import EPOCH, TENANT, a_job, a_spec, a_webhook, an_asset, an_entry
from tests.table.metering import Meter
from tests.table.steps import (
    LATER,
    a_film,
    a_request,
    arrived,
    as_started,
    ended,
    kept,
    moved,
    removed,
    started,
    submitted,
)


@pytest.fixture
def cost(table):
    """Call a wish with it: what came of it is dropped, what it cost is (writes, reads)."""

    def measure(wish, *args, **named):
        table.database.hook = meter = Meter(table.database)
        wish(*args, **named)
        table.database.hook = None
        return meter.writes, meter.reads

    return measure


def create(jobs, request):
    job = a_job()
    entry = an_entry(action="job.created", resource=job.id)
    jobs.create(job, a_spec(), entry=entry, idempotency=request)


def test_a_job_is_created_for_25_units_and_for_2_more_with_a_key(jobs, cost):
    assert cost(create, jobs, None) == (25, 0)
    assert cost(create, jobs, a_request()) == (27, 0)
    assert cost(jobs.replay, TENANT, a_request()) == (0, 3)


def test_a_report_costs_one_unit_whatever_it_finds(jobs, cost):
    job = started(jobs)
    report = {"attempt": 1, "stage": Stage.RENDERING}

    assert cost(jobs.report, TENANT, job.id, **report, progress=50) == (1, 0)
    assert cost(jobs.report, TENANT, job.id, **report, progress=20) == (1, 0)


def taken_up(jobs, job, request):
    entry = an_entry(action="job.resumed", resource=job.id)
    jobs.take_up(job, job.taken_up(at=LATER), entry=entry, idempotency=request)


def test_moves_cost_what_the_map_says(jobs, cost):
    job = submitted(jobs)
    assert cost(moved, jobs, job, as_started(job)) == (15, 0)

    running = jobs.get(TENANT, job.id)
    done, video = a_film(running)
    assert cost(moved, jobs, running, done, video=video) == (27, 0)
    assert cost(jobs.ask_to_cancel, started(jobs), entry=an_entry()) == (10, 2)
    assert cost(ended, jobs, started(jobs), JobStatus.FAILED) == (20, 0)
    assert cost(taken_up, jobs, ended(jobs, started(jobs)), request=None) == (18, 0)
    assert cost(taken_up, jobs, ended(jobs, started(jobs)), request=a_request()) == (20, 0)


def test_reading_costs_what_the_map_says(jobs, cost, table):
    submitted(jobs)
    job = started(jobs)
    assert cost(jobs.get, TENANT, job.id) == (0, 2)
    assert cost(jobs.spec, TENANT, job.id) == (0, 1)
    assert cost(jobs.queued, limit=10) == (0, keys.SHARDS * 0.5)


def test_a_page_of_twenty_costs_at_most_four_reads(jobs, cost):
    for _ in range(21):
        submitted(jobs)

    everything = cost(jobs.page, TENANT, after=None, limit=20)
    queued = cost(
        jobs.page, TENANT, wanted=JobFilter(status=JobStatus.QUEUED), after=None, limit=20
    )

    assert everything[1] <= 4
    assert queued[1] <= 2


def test_files_cost_what_the_map_says(assets, cost):
    first, second = an_asset(sha256="5" * 64), an_asset(sha256="5" * 64)
    assert cost(assets.add, first, entry=an_entry()) == (13, 0)
    assert cost(arrived, assets, first) == (11, 1)
    assets.add(second, entry=an_entry())
    assert cost(arrived, assets, second) == (9, 1)
    assert cost(removed, assets, assets.get(TENANT, first.id)) == (16, 0)


def test_headers_are_slim_and_progress_is_tiny(table, jobs, assets):
    table.database.hook = meter = Meter(table.database)
    job = submitted(jobs, title="A fairly long title, as people write them for their ads")
    running = moved(jobs, job, as_started(job))
    jobs.report(TENANT, job.id, attempt=1, stage=Stage.SYNTHESIZING_AUDIO, progress=33.3)
    assert meter.sizes["job"] <= 700
    assert meter.sizes["prog"] <= 160

    done, video = a_film(running)
    moved(jobs, running, done, video=video)
    kept(assets)

    assert meter.sizes["job"] <= 1000
    assert max(meter.sizes["asset"], meter.sizes["event"], meter.sizes["blob"]) <= 1000


def test_a_whole_life_with_twenty_reports_costs_about_ninety_units(table, jobs):
    table.database.hook = meter = Meter(table.database)

    running = started(jobs)
    for progress in range(0, 100, 5):
        jobs.report(TENANT, running.id, attempt=1, stage=Stage.RENDERING, progress=progress)
    done, video = a_film(running)
    moved(jobs, running, done, video=video)

    assert meter.writes == 25 + 15 + 20 + 27


def test_an_event_is_published_for_7_units_and_delivered_for_8_more(table, jobs, cost):
    """Written with the move for 3, out of the index and into the log, to each endpoint."""
    events, deliveries = table.repositories.events, table.repositories.deliveries
    told = {"at": EPOCH, "route": lambda event: ()}
    submitted(jobs)
    found = events.untold(limit=10)
    assert cost(events.publish, TENANT, found, **told) == (7, 1)

    submitted(jobs)
    webhook = a_webhook()
    told["route"] = lambda event: [Delivery.of(event, webhook, at=EPOCH)]
    assert cost(events.publish, TENANT, events.untold(limit=10), **told) == (10, 1)
    (due,) = deliveries.due(at=EPOCH, most=10)
    begun = due.begun(at=EPOCH)
    assert cost(deliveries.move, due, begun) == (3, 0)
    arrived = Outcome(tenant=TENANT, webhook=webhook.id, delivery=due.id, attempt=1, status=204)
    assert cost(deliveries.move, begun, begun.told(arrived, at=EPOCH)) == (2, 0)
