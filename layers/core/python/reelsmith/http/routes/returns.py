"""Take failed jobs up again: /v1/jobs/<id>/resume and /v1/jobs/<id>/retry."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from reelsmith.domain.jobs import Job
from reelsmith.domain.rights import Act
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.onces import IdempotencyKey, once, replay_header
from reelsmith.http.views.jobs import JobHead
from reelsmith.ports import Deps, Made
from reelsmith.usecases import returning

Fresh = Annotated[
    bool, Query(description="render anew what is stored already, in place of using it")
]
_ONLY_FAILED = (
    " Only a job that has failed comes back, any other answers 409. So does one of kind `batch`,"
    " which has failed where none of its files came: if some came it is completed, its tasks"
    " name the URLs that failed, and these are asked for by a new job."
)
_RESUME = f"What is finished is not done again.{_ONLY_FAILED}"
_RETRY = f"Its files are looked at again and its film is planned anew.{_ONLY_FAILED}"


def register(doors: Doors, deps: Deps) -> None:
    """Add the routes of jobs that come back."""

    @doors.post(
        "/v1/jobs/<job_id>/resume",
        Act.JOBS_RESUME,
        summary="Let a failed job go on from where it failed",
        description=_RESUME,
        tags=["jobs"],
        status_code=202,
    )
    def resume(job_id: str, idempotency_key: IdempotencyKey = None) -> Response[JobHead]:
        asked = once(doors.app, idempotency_key)
        return _accepted(
            returning.resume(deps, caller=caller(doors.app), job_id=job_id, once=asked)
        )

    @doors.post(
        "/v1/jobs/<job_id>/retry",
        Act.JOBS_RESUME,
        summary="Let a failed job begin again",
        description=_RETRY,
        tags=["jobs"],
        status_code=202,
    )
    def retry(
        job_id: str,
        *,
        fresh: Fresh = False,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[JobHead]:
        made = returning.retry(
            deps,
            caller=caller(doors.app),
            job_id=job_id,
            fresh=fresh,
            once=once(doors.app, idempotency_key),
        )
        return _accepted(made)


def _accepted(made: Made[Job]) -> Response[JobHead]:
    return Response(
        status_code=HTTPStatus.ACCEPTED.value,
        content_type="application/json",
        body=JobHead.of(made.thing),
        headers={"Location": f"/v1/jobs/{made.thing.id}"} | replay_header(made),
    )
