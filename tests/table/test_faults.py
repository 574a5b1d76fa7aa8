"""What no emulator does by itself: writers collide, answers are lost, an index lags."""

import random

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from pynamodb.exceptions import CancellationReason, VerboseClientError

from reelsmith.domain.jobs import JobStatus, Stage
from reelsmith.errors import Conflict, Unavailable
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import add, bind, stands
from reelsmith.table.keys import usage as usage_key
from reelsmith.table.transactions import Transaction
from tests.builders import TENANT, a_job, a_spec, an_asset, an_entry
from tests.table.steps import (
    arrived,
    as_started,
    ended,
    history,
    moved,
    removed,
    started,
    submitted,
    totals,
    usage,
)

WRITES = ("TransactWriteItems", "UpdateItem")


def refusal(code: str, *reasons: str | None) -> VerboseClientError:
    cancelled = [CancellationReason(reason) if reason else None for reason in reasons]
    answer = {"Error": {"Code": code, "Message": "planted"}}
    return VerboseClientError(answer, "Write", cancellation_reasons=cancelled)


def collisions(share: float, *, seed: int = 0):
    """A hook in which this share of writes collides with somebody else's."""
    dice = random.Random(seed)

    def hook(operation, arguments, send):
        if operation in WRITES and dice.random() < share:
            if operation == "UpdateItem":
                raise refusal("TransactionConflictException")
            others = [None] * (len(arguments["TransactItems"]) - 1)
            raise refusal("TransactionCanceledException", "TransactionConflict", *others)
        return send()

    return hook


class LostAnswers:
    """A hook that does every write and loses its answer, each time anew after `again`."""

    def __init__(self) -> None:
        self.armed = True

    def __call__(self, operation, arguments, send):
        answer = send()
        if operation in WRITES and self.armed:
            self.armed = False
            raise Unavailable("the answer was lost")
        return answer

    def told_twice(self, wish):
        self.armed = True
        with pytest.raises(Unavailable):
            wish()
        return wish()


@pytest.mark.parametrize("seed", range(3))
def test_writers_that_collide_try_again_and_count_exactly(table, jobs, assets, seed):
    table.database.hook = collisions(0.3, seed=seed)
    for _ in range(4):
        job = started(jobs)
        jobs.report(TENANT, job.id, attempt=1, stage=Stage.RENDERING, progress=10)
        ended(jobs, job)
    asset = an_asset()
    assets.add(asset, entry=an_entry())
    removed(assets, arrived(assets, asset))
    ((tenant, sha256),) = assets.garbage(limit=9)
    assert assets.collect(tenant, sha256, lambda: None)

    assert usage(table, TENANT) == {"jobs": 4, "n_failed": 4}
    assert totals(table) == {"tenants": 1, "users": 1, "jobs": 4, "n_failed": 4}


def test_endless_contention_is_said_to_be_so_and_changes_nothing(table, jobs):
    table.database.hook = collisions(1.0)

    with pytest.raises(Unavailable):
        submitted(jobs)

    table.database.hook = None
    assert usage(table, TENANT) == {}


def test_pauses_grow_and_stay_short(monkeypatch):
    paused = []
    database = Database(bind("a-table"), pause=paused.append)

    def collide(operation, arguments):
        raise refusal("TransactionConflictException")

    monkeypatch.setattr(database, "call", collide)
    with pytest.raises(Unavailable):
        database.persist("UpdateItem", {})

    assert len(paused) == 9
    assert all(0 <= pause <= min(0.5, 0.01 * 2**turn) for turn, pause in enumerate(paused))


def test_a_condition_that_fails_is_not_tried_again_even_in_a_crowd(table):
    calls = []

    def hook(operation, arguments, send):
        calls.append(operation)
        raise refusal(
            "TransactionCanceledException", "TransactionConflict", "ConditionalCheckFailed"
        )

    table.database.hook = hook
    transaction = Transaction(table.database)
    transaction.update("first", usage_key(TENANT), *add({"jobs": 1}), expects=stands())
    transaction.check("second", usage_key("other"), expects=stands())

    with pytest.raises(Refused) as refused:
        transaction.commit()

    assert refused.value.stored == {"second": None}
    assert len(calls) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        refusal("ThrottlingException"),
        refusal("ProvisionedThroughputExceededException"),
        ClientError({"Error": {"Code": "InternalServerError"}}, "GetItem"),
        EndpointConnectionError(endpoint_url="http://nowhere"),
        ReadTimeoutError(endpoint_url="http://nowhere"),
    ],
    ids=lambda trouble: type(trouble).__name__ + str(getattr(trouble, "response", ""))[:40],
)
def test_a_busy_table_is_unavailable(table, jobs, monkeypatch, trouble):
    def dispatch(operation, arguments):
        raise trouble

    monkeypatch.setattr(table.database._connection, "dispatch", dispatch)

    with pytest.raises(Unavailable):
        jobs.get(TENANT, a_job().id)


def test_our_own_mistakes_are_not_called_unavailable(table, monkeypatch):
    def dispatch(operation, arguments):
        raise refusal("ValidationException")

    monkeypatch.setattr(table.database._connection, "dispatch", dispatch)

    with pytest.raises(VerboseClientError):
        table.repositories.people.tenant(TENANT)


def test_keys_that_a_busy_table_leaves_unanswered_are_asked_again(table, jobs):
    job = submitted(jobs)

    def one_at_a_time(operation, arguments, send):
        if operation != "BatchGetItem":
            return send()
        ((name, request),) = arguments["RequestItems"].items()
        left = request["Keys"][1:]
        request["Keys"] = request["Keys"][:1]
        return send() | {"UnprocessedKeys": {name: {"Keys": left}} if left else {}}

    table.database.hook = one_at_a_time
    assert jobs.get(TENANT, job.id) == job

    def never(operation, arguments, send):
        return {"Responses": {}, "UnprocessedKeys": arguments["RequestItems"]}

    table.database.hook = never
    with pytest.raises(Unavailable):
        jobs.get(TENANT, job.id)


def test_a_lost_answer_changes_nothing_twice(table, jobs, assets):
    table.database.hook = lost = LostAnswers()
    job, entry = a_job(), an_entry(action="job.created")
    lost.told_twice(lambda: jobs.create(job, a_spec(), entry=entry, idempotency=None))
    moves = [an_entry(action=f"move {n}", resource=job.id) for n in range(3)]
    running = lost.told_twice(lambda: moved(jobs, job, as_started(job), entry=moves[0]))
    asked = lost.told_twice(lambda: jobs.ask_to_cancel(running, entry=moves[1]))
    now = asked.moved_to(JobStatus.CANCELLED, at=asked.updated_at)
    lost.told_twice(lambda: moved(jobs, asked, now, entry=moves[2]))
    asset, entry = an_asset(), an_entry(action="asset.added")
    lost.told_twice(lambda: assets.add(asset, entry=entry))
    arrival = an_entry(action="asset.ready")
    ready = lost.told_twice(lambda: arrived(assets, asset, arrival))
    assert usage(table, TENANT) == {"jobs": 1, "n_cancelled": 1, "files": 1, "bytes": 1000}
    lost.told_twice(lambda: removed(assets, ready))

    assert usage(table, TENANT) == {"jobs": 1, "n_cancelled": 1, "bytes": 1000}
    assert history(table, job.id) == ["move 0", "move 1", "move 2"]


def test_an_index_that_lags_cannot_start_a_job_twice(table, jobs):
    submitted(jobs)
    (seen,) = jobs.queued(limit=9)
    started(jobs, seen)

    with pytest.raises(Conflict):
        started(jobs, seen)
