"""Lists of jobs: by owner, by status, or all of a tenant, each from the index that serves it."""

from collections.abc import Sequence

from reelsmith.domain.ids import Kind
from reelsmith.domain.job_filters import JobFilter
from reelsmith.domain.jobs import Job, Page
from reelsmith.table import job_items, keys, owned, paging
from reelsmith.table.database import Database
from reelsmith.table.items import Item
from reelsmith.table.keys import Key


def page(
    database: Database, tenant: str, wanted: JobFilter, *, after: str | None, limit: int
) -> Page:
    """Jobs that fit, newest first, from the one after `after` on.

    What no index serves is seen row by row, at most `paging.MOST_LOOKS` a page: then the page
    comes back short, with the place to go on from. By status alone the list may lag a moment.
    """
    ids = paging.span(Kind.JOB, wanted.created_after, wanted.created_before)

    def rows(place: str | None, most: int) -> Sequence[tuple[str, Job | None]]:
        if wanted.owner:
            found = owned.span(database, tenant, wanted.owner, *ids, after=place, limit=most)
            return _by_id(database, tenant, tuple(found))
        begin, end = _range(tenant, wanted, ids)
        headers = database.query(
            begin,
            until=end.sk,
            index=keys.GSI1 if wanted.status else None,
            after=_position(tenant, wanted, place) if place else None,
            newest_first=True,
            limit=most,
        )
        return [(job.id, job) for job in job_items.all_live(database, tuple(headers))]

    found = paging.page(rows, wanted.fits, after=after, limit=limit)
    return Page(jobs=found.things, after=found.after)


def _range(tenant: str, wanted: JobFilter, ids: tuple[str, str]) -> tuple[Key, Key]:
    """From the first to the last place that jobs of these ids can have."""
    first, last = ids
    if wanted.status:
        return (
            keys.jobs_by_status(tenant, wanted.status, first),
            keys.jobs_by_status(tenant, wanted.status, last),
        )
    return keys.job(tenant, first), keys.job(tenant, last)


def _by_id(
    database: Database, tenant: str, job_ids: Sequence[str]
) -> Sequence[tuple[str, Job | None]]:
    found = database.get_many([keys.job(tenant, job_id) for job_id in job_ids])
    jobs = {job.id: job for job in job_items.all_live(database, tuple(found.values()))}
    return [(job_id, jobs.get(job_id)) for job_id in job_ids]


def _position(tenant: str, wanted: JobFilter, job_id: str) -> Item:
    """The key attributes of a job in the list that is paged, rebuilt from the tenant's scope."""
    key = keys.job(tenant, job_id)
    position = {keys.PK: key.pk, keys.SK: key.sk}
    if wanted.status:
        place = keys.jobs_by_status(tenant, wanted.status, job_id)
        position |= {keys.GSI1_PK: place.pk, keys.GSI1_SK: place.sk}
    return position
