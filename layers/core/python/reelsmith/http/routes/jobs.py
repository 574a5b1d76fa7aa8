"""Ask for films, list them, look at them, call them off: /v1/jobs."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from reelsmith.domain.jobs import JobStatus
from reelsmith.domain.rights import Act
from reelsmith.http import cursors
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.onces import IdempotencyKey, once, replay_header
from reelsmith.http.views.jobs import JobHead, JobPage, JobView, NewJob
from reelsmith.ports import Deps
from reelsmith.telemetry import MetricUnit, measure
from reelsmith.usecases import jobs, videos
from reelsmith.usecases.jobs import PAGE_DEFAULT, PAGE_MOST, Wanted

Limit = Annotated[int, Query(ge=1, le=PAGE_MOST)]


def register(doors: Doors, deps: Deps) -> None:
    """Add the job routes."""

    @doors.post(
        "/v1/jobs", Act.JOBS_CREATE, summary="Ask for a film", tags=["jobs"], status_code=202
    )
    def submit(body: NewJob, idempotency_key: IdempotencyKey = None) -> Response[JobHead]:
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

    @doors.get("/v1/jobs", Act.JOBS_READ, summary="Jobs, newest first", tags=["jobs"])
    def page(
        status: Annotated[JobStatus | None, Query()] = None,
        limit: Limit = PAGE_DEFAULT,
        cursor: Annotated[str | None, Query(max_length=300)] = None,
    ) -> JobPage:
        who = caller(doors.app)
        key, scope = cursors.key_of(deps.pepper()), (who.tenant, "jobs", status or "")
        after = cursors.unpack(key, scope, cursor) if cursor else None
        found = jobs.page(deps, caller=who, status=status, after=after, limit=limit)
        return JobPage(
            data=tuple(JobHead.of(job) for job in found.jobs),
            next_cursor=cursors.pack(key, scope, found.after) if found.after else None,
            has_more=found.after is not None,
        )

    @doors.get(
        "/v1/jobs/<job_id>",
        Act.JOBS_READ,
        summary="A job, how far it is and its tasks",
        tags=["jobs"],
    )
    def read(job_id: str) -> JobView:
        who = caller(doors.app)
        job, spec, tasks = jobs.read(deps, caller=who, job_id=job_id)
        film = videos.read(deps, caller=who, video_id=job.video_id) if job.video_id else None
        return JobView.whole(job, spec, tasks, film)

    @doors.post(
        "/v1/jobs/<job_id>/cancel", Act.JOBS_CANCEL, summary="Call a job off", tags=["jobs"]
    )
    def cancel(job_id: str) -> JobHead:
        return JobHead.of(jobs.cancel(deps, caller=caller(doors.app), job_id=job_id))
