"""What must be true of the table, in plain words."""

from collections import Counter
from dataclasses import dataclass, field

from reelsmith.domain.assets import Asset
from reelsmith.domain.jobs import Job, JobStatus
from reelsmith.table.items import Item
from tests.builders import OWNER

OPEN = (JobStatus.QUEUED, JobStatus.PROCESSING)
FINAL = tuple(status for status in JobStatus if status.final)


SIZE = 1000  # bytes of each content


@dataclass
class Known:
    """What must be true of a job."""

    job: Job
    report_attempt: int = 0
    reported: float = 0
    cancel: bool = False
    settled: bool = False
    deeds: int = 1


@dataclass
class World:
    """What must be true of the table."""

    tenants: list[str]
    jobs: dict[str, Known] = field(default_factory=dict)
    keys: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    assets: dict[str, Asset] = field(default_factory=dict)
    blobs: set[tuple[str, str]] = field(default_factory=set)

    def of(self, tenant: str) -> list[Known]:
        return [known for known in self.jobs.values() if known.job.tenant == tenant]

    def in_status(self, *statuses: JobStatus) -> list[Known]:
        return [known for known in self.jobs.values() if known.job.status in statuses]

    def uses(self) -> Counter[tuple[str, str]]:
        return Counter((asset.tenant, asset.sha256) for asset in self.assets.values())

    def agrees_with(self, stored: list[Item]):
        """Compare with everything that is in the table."""
        rows = {(row["PK"], row["SK"]): row for row in stored}
        for known in self.jobs.values():
            self.check_job(known, rows)
        self.check_counters(rows)
        deeds = Counter(row["resource"] for row in rows.values() if row.get("et") == "event")
        wanted = {job_id: known.deeds for job_id, known in self.jobs.items()}
        assert {job_id: deeds[job_id] for job_id in wanted} == wanted
        blobs = [row for row in rows.values() if row.get("et") == "blob"]
        refs = {(row["PK"].split("#")[1], row["SK"]): row["refs"] for row in blobs}
        assert refs == {blob: self.uses()[blob] for blob in self.blobs}

    def check_job(self, known: Known, rows: dict[tuple[str, str], Item]):
        job = known.job
        row = rows[f"O#{job.tenant}", f"JOB#{job.id}"]
        assert (row["status"], row["attempt"]) == (job.status, job.attempt)
        assert row["cancel_requested"] == job.cancel_requested
        assert row["GSI1SK"] == f"{job.status}#{job.id}"
        place = (row.get("GSI2PK", "")[:6], row.get("GSI2SK", "")[:2])
        waits = {
            JobStatus.QUEUED: ("W#JOB#", f"{job.priority.rank}#"),
            JobStatus.PROCESSING: ("W#JOB#", "9#"),
        }
        at_the_end = ("W#DROP", "00") if job.drop and not known.settled else ("", "")
        assert place == waits.get(job.status, at_the_end)
        reported = rows[f"O#{job.tenant}#J#{job.id}", "PROG"]
        wanted = (known.report_attempt, known.reported, known.cancel)
        assert (reported["attempt"], reported["pct"], reported["cancel"]) == wanted

    def check_counters(self, rows: dict[tuple[str, str], Item]):
        summed: Counter[str] = Counter(tenants=len(self.tenants), users=len(self.tenants))
        for tenant in self.tenants:
            statuses = Counter(known.job.status for known in self.of(tenant))
            want = Counter({f"n_{status}": statuses[status] for status in FINAL})
            want.update(jobs=statuses.total(), active=sum(statuses[status] for status in OPEN))
            summed += want
            want["files"] = sum(asset.tenant == tenant for asset in self.assets.values())
            own = rows[f"O#{tenant}#USAGE", f"U#{OWNER}"]
            assert {name: own[name] for name in want} == want
            want["bytes"] = SIZE * sum(owner == tenant for owner, _ in self.blobs)
            counted = rows[f"O#{tenant}#USAGE", "0"]
            assert {name: counted[name] for name in want} == want
            days = [row for (pk, _), row in rows.items() if pk == f"O#{tenant}#USAGE"]
            days = [row.get("jobs", 0) for row in days if row["et"] == "day"]
            assert counted["day_jobs"] == sum(days) == want["jobs"]
        shards = [Counter(row) for (pk, _), row in rows.items() if pk.startswith("G#CNT#")]
        for shard in shards:
            del shard["PK"], shard["SK"]
        assert sum(shards, Counter()) == summed
