"""Many films from one request: /v1/batches."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from reelsmith.domain.batches import Batch, RowStatus
from reelsmith.domain.model import Entity
from reelsmith.domain.rights import Act
from reelsmith.http import preconditions
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.onces import IdempotencyKey, once, replay_header
from reelsmith.http.pages import OwnerOf, Place
from reelsmith.http.queries import Cursor, Limit
from reelsmith.http.views.batches import (
    BatchCheck,
    BatchPage,
    BatchView,
    NewBatch,
    RowPage,
    RowView,
)
from reelsmith.ports import Deps, Made
from reelsmith.telemetry import MetricUnit, measure
from reelsmith.usecases import batches
from reelsmith.usecases.batches import PAGE_DEFAULT

_CHECKED = {"description": "what would come of it, where `dry_run` is true"}


class _Owned(Entity):
    owner: str | None


class _Rows(Entity):
    batch_id: str
    status: RowStatus | None


def register(doors: Doors, deps: Deps) -> None:
    """Add the routes of batches."""
    _asking(doors, deps)
    _looks(doors, deps)
    _rows(doors, deps)
    _changes(doors, deps)


def _asking(doors: Doors, deps: Deps) -> None:
    @doors.post(
        "/v1/batches",
        Act.BATCHES_CREATE,
        summary="Ask for many films",
        tags=["batches"],
        responses={
            200: _CHECKED | {"content": {"application/json": {"model": BatchCheck}}},
            202: {
                "description": "taken: each row becomes a job",
                "content": {"application/json": {"model": BatchView}},
            },
        },
    )
    def create(
        body: NewBatch, idempotency_key: IdempotencyKey = None
    ) -> Response[BatchView | BatchCheck]:
        who, order = caller(doors.app), body.order()
        if body.dry_run:
            checked = BatchCheck.of(batches.check(deps, caller=who, order=order))
            return Response(HTTPStatus.OK.value, content_type="application/json", body=checked)
        made = batches.submit(deps, caller=who, order=order, once=once(doors.app, idempotency_key))
        measure("BatchRows", 0 if made.replayed else made.thing.rows, MetricUnit.Count)
        taken: BatchView | BatchCheck = BatchView.of(made.thing)
        return Response(
            HTTPStatus.ACCEPTED.value,
            content_type="application/json",
            body=taken,
            headers=_told(made),
        )


def _looks(doors: Doors, deps: Deps) -> None:
    @doors.get("/v1/batches", Act.BATCHES_READ, summary="Batches, newest first", tags=["batches"])
    def page(
        owner: OwnerOf = None, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None
    ) -> BatchPage:
        who = caller(doors.app)
        place = Place(deps, who, "batches", _Owned(owner=owner))
        found = batches.page(deps, caller=who, owner=owner, after=place.after(cursor), limit=limit)
        return BatchPage.model_validate(
            {"data": tuple(map(BatchView.of, found.things)), **place.ends(found.after)}
        )

    @doors.get(
        "/v1/batches/<batch_id>",
        Act.BATCHES_READ,
        summary="A batch and how far it is",
        tags=["batches"],
    )
    def read(batch_id: str) -> Response[BatchView]:
        seen = BatchView.of(batches.read(deps, caller=caller(doors.app), batch_id=batch_id))
        return Response(
            HTTPStatus.OK.value,
            content_type="application/json",
            body=seen,
            headers={"ETag": preconditions.tag_of(seen.model_dump_json())},
        )


def _rows(doors: Doors, deps: Deps) -> None:
    @doors.get(
        "/v1/batches/<batch_id>/rows",
        Act.BATCHES_READ,
        summary="What became of the rows of a batch",
        tags=["batches"],
    )
    def rows(
        batch_id: str,
        *,
        status: Annotated[RowStatus | None, Query()] = None,
        limit: Limit = PAGE_DEFAULT,
        cursor: Cursor = None,
    ) -> RowPage:
        who = caller(doors.app)
        place = Place(deps, who, "batch rows", _Rows(batch_id=batch_id, status=status))
        after = place.after(cursor)
        found, last = batches.rows(
            deps,
            caller=who,
            batch_id=batch_id,
            status=status,
            after=None if after is None else int(after),
            limit=limit,
        )
        seen = tuple(RowView.model_validate(row.model_dump()) for row in found)
        ends = place.ends(None if last is None else str(last))
        return RowPage.model_validate({"data": seen, **ends})


def _changes(doors: Doors, deps: Deps) -> None:
    @doors.post(
        "/v1/batches/<batch_id>/cancel",
        Act.BATCHES_CANCEL,
        summary="Take no more rows up, and call off the jobs of a batch",
        tags=["batches"],
    )
    def cancel(batch_id: str) -> BatchView:
        return BatchView.of(batches.cancel(deps, caller=caller(doors.app), batch_id=batch_id))

    @doors.post(
        "/v1/batches/<batch_id>/retry",
        Act.BATCHES_RETRY,
        summary="Ask again for the films of the rows that failed",
        tags=["batches"],
        status_code=HTTPStatus.ACCEPTED.value,
    )
    def retry(batch_id: str, idempotency_key: IdempotencyKey = None) -> Response[BatchView]:
        made = batches.retry(
            deps,
            caller=caller(doors.app),
            batch_id=batch_id,
            once=once(doors.app, idempotency_key),
        )
        return Response(
            HTTPStatus.ACCEPTED.value,
            content_type="application/json",
            body=BatchView.of(made.thing),
            headers=_told(made),
        )


def _told(made: Made[Batch]) -> dict[str, str]:
    return {"Location": f"/v1/batches/{made.thing.id}"} | replay_header(made)
