"""Ask for a film of a slide deck: /v1/presentations. It is a job like others from then on."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from reelsmith.domain.rights import Act
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.onces import IdempotencyKey, once, replay_header
from reelsmith.http.views.jobs import JobHead
from reelsmith.http.views.presentations import NewPresentation
from reelsmith.ports import Deps
from reelsmith.telemetry import MetricUnit, measure
from reelsmith.usecases import jobs
from reelsmith.usecases.jobs import Wanted


def register(doors: Doors, deps: Deps) -> None:
    """Add the route."""

    @doors.post(
        "/v1/presentations",
        Act.JOBS_CREATE,
        summary="Ask for a film of a deck",
        tags=["jobs"],
        status_code=202,
    )
    def create(body: NewPresentation, idempotency_key: IdempotencyKey = None) -> Response[JobHead]:
        wanted = Wanted(title=body.title, spec=body.spec(), priority=body.priority)
        created = jobs.submit(
            deps, caller=caller(doors.app), wanted=wanted, once=once(doors.app, idempotency_key)
        )
        measure("JobsCreated", 0 if created.replayed else 1, MetricUnit.Count, source="api")
        return Response(
            status_code=HTTPStatus.ACCEPTED.value,
            content_type="application/json",
            body=JobHead.of(created.thing),
            headers={"Location": f"/v1/jobs/{created.thing.id}"} | replay_header(created),
        )
