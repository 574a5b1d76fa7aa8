"""People with many things, put into the table and the bucket past the use-cases, for speed."""

from dataclasses import dataclass
from datetime import timedelta

from reelsmith import aws
from reelsmith.domain.assets import AssetStatus
from reelsmith.domain.jobs import JobStatus
from reelsmith.domain.people import Session
from reelsmith.domain.tasks import Task, TaskStatus, task_id
from reelsmith.table import job_items, keys
from reelsmith.table.items import absent, add, assign, encode_item, stands, to_item
from tests.aws import TestTable
from tests.builders import EPOCH, TENANT, a_job, a_key, a_spec, a_video, an_asset

_BATCH = 25  # DynamoDB: BatchWriteItem, most items in a request


@dataclass(frozen=True)
class Hoard:
    """How much somebody has: `tasks` are of each job; assets share `contents` bytes."""

    jobs: int = 4
    tasks: int = 3
    videos: int = 3
    assets: int = 6
    contents: int = 3
    keys: int = 2
    sessions: int = 2


def put(table: TestTable, items) -> None:
    """Store items as they are."""
    rows = [{"PutRequest": {"Item": encode_item(item)}} for item in items]
    for first in range(0, len(rows), _BATCH):
        request = {table.database.name: rows[first : first + _BATCH]}
        table.database.call("BatchWriteItem", {"RequestItems": request})


def hoard(table: TestTable, owner: str, much: Hoard, *, bucket: str | None = None) -> list:
    """Give somebody of TENANT that much, with right counters; what was stored."""
    items = [
        *_jobs(owner, much),
        *_videos(owner, much),
        *_assets(owner, much),
        *_credentials(owner, much),
    ]
    put(table, items)
    _count(table, owner, much)
    if bucket:
        _objects(bucket, items)
    return items


def _pointer(owner: str, thing: str) -> dict:
    key = keys.owned(TENANT, owner, thing)
    return {keys.PK: key.pk, keys.SK: key.sk, "et": "owned", "sv": 1}


def _jobs(owner, much):
    for _ in range(much.jobs):
        job = a_job(owner=owner, status=JobStatus.FAILED, attempt=1, completed_at=EPOCH)
        yield job_items.header(job, op="op")
        yield to_item(a_spec(), "spec", keys.job_spec(TENANT, job.id))
        yield job_items.progress(job)
        yield _pointer(owner, job.id)
        for index in range(much.tasks):
            yield _task(job, index)


def _task(job, index):
    task = Task(
        id=task_id("render_scene", index),
        job_id=job.id,
        attempt=1,
        task_type="render_scene",
        index=index,
        status=TaskStatus.COMPLETED,
        timeout_s=60,
        created_at=EPOCH,
        updated_at=EPOCH,
    )
    return to_item(task, "task", keys.job_task(TENANT, job.id, 1, task.id))


def _videos(owner, much):
    for _ in range(much.videos):
        video = a_video(owner=owner, size_bytes=500)
        yield to_item(video, "video", keys.video(TENANT, video.id))
        yield _pointer(owner, video.id)


def _assets(owner, much):
    for number in range(much.assets):
        sha256 = f"{number % much.contents:064x}"
        asset = an_asset(
            owner=owner,
            sha256=sha256,
            key=f"media/{TENANT}/{sha256}",
            status=AssetStatus.READY,
        )
        yield to_item(asset, "asset", keys.asset(TENANT, asset.id))
        yield _pointer(owner, asset.id)


def _credentials(owner, much):
    for _ in range(much.keys):
        key = a_key(owner=owner)
        yield to_item(key, "key", keys.api_key(TENANT, key.id))
    for number in range(much.sessions):
        session = Session(
            id=f"s{number:03d}{owner[-6:]}",
            tenant=TENANT,
            user=owner,
            secret_hmac="0" * 64,
            created_at=EPOCH,
            rotated_at=EPOCH,
            expires_at=EPOCH + timedelta(days=30),
        )
        yield to_item(session, "session", keys.session(TENANT, session.id))


def _count(table, owner, much):
    """Let the counters say what was put, and some day what was asked."""
    table.repositories.usage.called(TENANT, owner, calls=3, at=EPOCH)
    made = {"jobs": much.jobs, "n_failed": much.jobs, "files": much.assets}
    whole = {**made, "bytes": 500 * much.videos}
    for number in range(min(much.contents, much.assets)):
        uses = len(range(number, much.assets, much.contents))
        key = keys.blob(TENANT, f"{number:064x}")
        first = table.database.get(key) is None
        whole["bytes"] += 1000 if first else 0
        facts = {"et": "blob", "sv": 1, "state": "live", "size_bytes": 1000}
        actions = [assign(name, value) for name, value in facts.items()]
        table.database.update(key, [*actions, *add({"refs": uses})], expects=absent() | stands())
    table.database.update(keys.usage(TENANT), add(whole), expects=stands())
    table.database.update(keys.user_usage(TENANT, owner), add(made), expects=stands())


def _objects(bucket, items):
    """Bytes for everything that has some."""
    for item in items:
        match item["et"]:
            case "video":
                names = [item["key"], item["key"].replace("film.mp4", "report.json")]
            case "asset":
                names = [item["key"], f"uploads/{TENANT}/{item['id']}"]
            case "job":
                names = [f"work/{TENANT}/{item['id']}/1/plan.json"]
            case _:
                names = []
        for name in names:
            aws.client("s3").put_object(Bucket=bucket, Key=name, Body=b"x")


def left_of(table: TestTable, *words: str) -> list:
    """Items that hold one of these words anywhere, but for the journal and what seals it."""
    journal = ("#H", "#SEAL")
    return [
        item
        for item in table.items()
        if not item[keys.PK].endswith(journal) and any(word in repr(item) for word in words)
    ]


def objects(bucket: str) -> set[str]:
    """The keys of all objects."""
    found = aws.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
    return {one["Key"] for one in found}
