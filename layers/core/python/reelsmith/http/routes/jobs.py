"""Ask for films, list them, look at them, call them off: /v1/jobs."""

from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from reelsmith.domain import job_filters
from reelsmith.domain.job_filters import JobFilter
from reelsmith.domain.jobs import Job, JobKind, Priority
from reelsmith.domain.people import Caller
from reelsmith.domain.presentations import PresentationSpec
from reelsmith.domain.rights import Act
from reelsmith.domain.specs import SeasonSpec
from reelsmith.errors import NotFound, ReelsmithError
from reelsmith.http import cursors, preconditions, problems
from reelsmith.http.caller import caller, request_id
from reelsmith.http.doors import Doors
from reelsmith.http.onces import IdempotencyKey, once, replay_header
from reelsmith.http.queries import CreatedAfter, CreatedBefore, Cursor, Limit
from reelsmith.http.views.jobs import (
    JobHead,
    JobOutcome,
    JobOutcomes,
    JobPage,
    JobView,
    SomeJobs,
)
from reelsmith.http.views.new_jobs import NewJob
from reelsmith.http.views.presentations import PresentationView
from reelsmith.http.views.seasons import SeasonView
from reelsmith.ports import Deps
from reelsmith.telemetry import MetricUnit, measure
from reelsmith.usecases import erasing, jobs, looking, videos, waiting
from reelsmith.usecases.jobs import Wanted
from reelsmith.usecases.looking import PAGE_DEFAULT, WAIT_MOST_S

_LOOK_AGAIN_S = 2

StatusWord = Annotated[
    str | None,
    Query(
        max_length=40,
        description=f"one of {', '.join(job_filters.STATUS_WORDS)}; a stage means"
        " jobs that are processing there",
    ),
]
Owner = Annotated[
    str | None, Query(max_length=64, description="id of a user, or `me`; others are for admins")
]
Wait = Annotated[
    int,
    Query(
        ge=0,
        le=WAIT_MOST_S,
        description="seconds to wait until something happens to the job, or it is over",
    ),
]
Since = Annotated[
    str | None, Query(max_length=64, description="the ETag of the last look, as If-None-Match")
]


def register(doors: Doors, deps: Deps) -> None:
    """Add the job routes."""
    _asking(doors, deps)
    _lists(doors, deps)
    _looks(doors, deps)
    _calling_off(doors, deps)


def _asking(doors: Doors, deps: Deps) -> None:
    @doors.post(
        "/v1/jobs", Act.JOBS_CREATE, summary="Ask for a film", tags=["jobs"], status_code=202
    )
    def create(
        body: Annotated[NewJob, Body()], idempotency_key: IdempotencyKey = None
    ) -> Response[JobHead]:
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


def _lists(doors: Doors, deps: Deps) -> None:
    @doors.get("/v1/jobs", Act.JOBS_READ, summary="Jobs, newest first", tags=["jobs"])
    def page(
        *,
        status: StatusWord = None,
        kind: Annotated[JobKind | None, Query()] = None,
        owner: Owner = None,
        priority: Annotated[Priority | None, Query()] = None,
        created_after: CreatedAfter = None,
        created_before: CreatedBefore = None,
        limit: Limit = PAGE_DEFAULT,
        cursor: Cursor = None,
    ) -> JobPage:
        who = caller(doors.app)
        state, stage = job_filters.status_of(status) if status else (None, None)
        asked = JobFilter(
            owner=owner,
            status=state,
            stage=stage,
            kind=kind,
            priority=priority,
            created_after=created_after,
            created_before=created_before,
        )
        wanted = looking.seen_by(who, asked)
        key, scope = cursors.key_of(deps.pepper()), _scope(who, wanted)
        after = cursors.unpack(key, scope, cursor) if cursor else None
        found = looking.page(deps, caller=who, wanted=wanted, after=after, limit=limit)
        return JobPage(
            data=tuple(JobHead.of(job) for job in found.jobs),
            next_cursor=cursors.pack(key, scope, found.after) if found.after else None,
            has_more=found.after is not None,
        )


def _looks(doors: Doors, deps: Deps) -> None:
    @doors.get(
        "/v1/jobs/<job_id>",
        Act.JOBS_READ,
        summary="A job, how far it is and its tasks",
        tags=["jobs"],
    )
    def read(
        job_id: str, wait: Wait = 0, since: Since = None
    ) -> Response[JobView | PresentationView | SeasonView]:
        who = caller(doors.app)
        job = looking.wait(
            deps, caller=who, job_id=job_id, seconds=wait, is_news=_news(doors.app, since)
        )
        return Response(
            HTTPStatus.OK.value,
            content_type="application/json",
            body=_whole(deps, who, job),
            headers={"ETag": _tag(job), **_look_again(job)},
        )


def _calling_off(doors: Doors, deps: Deps) -> None:
    @doors.post(
        "/v1/jobs/<job_id>/cancel", Act.JOBS_CANCEL, summary="Call a job off", tags=["jobs"]
    )
    def cancel(job_id: str) -> JobHead:
        return JobHead.of(jobs.cancel(deps, caller=caller(doors.app), job_id=job_id))

    @doors.post("/v1/jobs/cancel", Act.JOBS_CANCEL, summary="Call several jobs off", tags=["jobs"])
    def cancel_some(body: SomeJobs) -> JobOutcomes:
        who = caller(doors.app)

        def one(job_id: str) -> JobHead:
            return JobHead.of(jobs.cancel(deps, caller=who, job_id=job_id))

        return _each(doors.app, body, one)

    @doors.post("/v1/jobs/delete", Act.JOBS_DELETE, summary="Delete several jobs", tags=["jobs"])
    def delete_some(body: SomeJobs) -> JobOutcomes:
        who = caller(doors.app)

        def one(job_id: str) -> None:
            erasing.delete_job(deps, caller=who, job_id=job_id)

        return _each(doors.app, body, one)


def _each(
    app: APIGatewayHttpResolver, body: SomeJobs, one: Callable[[str], JobHead | None]
) -> JobOutcomes:
    """The same done with each job by itself; what goes wrong with one is told, and stops none."""
    results = []
    for job_id in dict.fromkeys(body.ids):
        try:
            job = one(job_id)
            status = HTTPStatus.OK if job else HTTPStatus.NO_CONTENT
            outcome = JobOutcome(id=job_id, status=status, job=job)
        except ReelsmithError as error:
            told = problems.told(error, request_id=request_id(app))
            outcome = JobOutcome.model_validate(
                {"id": job_id, "status": told["status"], "problem": told}
            )
        results.append(outcome)
    return JobOutcomes(results=tuple(results))


def _whole(deps: Deps, who: Caller, job: Job) -> JobView | PresentationView | SeasonView:
    spec, tasks = jobs.around(deps, job)
    if isinstance(spec, SeasonSpec):
        return SeasonView.whole_season(job, spec, tasks)
    film = None
    if job.video_id:
        with suppress(NotFound):  # it was taken away, or is nothing for this caller
            film = videos.read(deps, caller=who, video_id=job.video_id)
    standing = waiting.standing(deps, job)
    if isinstance(spec, PresentationSpec):
        return PresentationView.whole(job, spec, tasks, film, standing)
    return JobView.whole(job, spec, tasks, film, standing)


def _scope(who: Caller, wanted: JobFilter) -> tuple[str, ...]:
    return (who.tenant, "jobs", wanted.model_dump_json(exclude_none=True))


def _tag(job: Job) -> str:
    """Weak: the signed URLs in an answer are new each time (RFC 9110, 8.8.1)."""
    return f"W/{preconditions.tag_of(*looking.marks(job))}"


def _news(app: APIGatewayHttpResolver, since: str | None) -> Callable[[Job], bool] | None:
    """Whether a look shows what the caller has not seen; None when it did not say what it has."""
    known = preconditions.known(app) | ({since} if since else set())
    return (lambda job: not preconditions.names(known, _tag(job))) if known else None


def _look_again(job: Job) -> dict[str, str]:
    return {} if job.status.final else {"Retry-After": str(_LOOK_AGAIN_S)}
