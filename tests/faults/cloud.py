"""A table and a bucket behind real sockets: the emulator of the local stage, without the stage."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from infra.local.emulator import environment
from infra.local.place import CREDENTIALS, REGION, Place, child_env, endpoint
from reelsmith import aws, wiring
from reelsmith.ports import Deps
from reelsmith.settings import Settings
from reelsmith.table.database import Database
from reelsmith.table.items import bind
from reelsmith.table.repositories import Repositories
from tests.aws import PEPPER
from tests.homes import at_home
from tests.world import Machine

_READY_WITHIN_S = 60.0
_TABLE, _BUCKET, _QUEUE, _PEPPER = "faults", "faults-media", "faults-queue", "/faults/pepper"


@dataclass(frozen=True)
class Cloud:
    """One emulator. `at` is its own address."""

    at: str
    settings: Settings

    def env(self, at: str | None = None) -> dict[str, str]:
        """What a process works here with; `at` is an address on the way to it."""
        return {
            **CREDENTIALS,
            **self.settings.to_env(),
            "AWS_ENDPOINT_URL": at or self.at,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @contextmanager
    def entered(self, at: str | None = None) -> Iterator["Desk"]:
        """This process as one that works here. No other is at work in it meanwhile."""
        was = dict(os.environ)
        os.environ.update(self.env(at))
        _forget_clients()
        try:
            desk = Desk()
            desk.deps = replace(wiring.connect(self.settings), workflow=desk.machine, now=desk.now)
            yield desk
        finally:
            os.environ.clear()
            os.environ.update(was)
            _forget_clients()


class Desk:
    """The deps of this process, whose clock can be set forward, and the executions it started."""

    deps: Deps

    def __init__(self) -> None:
        self.machine = Machine()
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The time, as this process takes it."""
        return datetime.now(UTC) + self._ahead

    def later(self, **span: float) -> None:
        """Let time pass for this process only."""
        self._ahead += timedelta(**span)

    def database(self) -> Database:
        """The table, past its repositories."""
        return Database(bind(_TABLE, region=REGION, endpoint=os.environ["AWS_ENDPOINT_URL"]))


@contextmanager
def a_cloud(folder: Path, **settings: object) -> Iterator[Cloud]:
    """An emulator in an empty folder, with a table, a bucket, and one tenant that is lived in."""
    place = Place.at(folder)
    place.make()
    port = place.port()
    with place.log.open("ab") as out:
        emulator = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "infra.local.emulator",
                str(folder),
                str(port),
                str(os.getpid()),
            ],
            env=child_env() | environment(place, port),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        _wait_for(f"{endpoint(port)}/_ministack/ready", place.log)
        cloud = Cloud(endpoint(port), Settings(stage="test", table=_TABLE, bucket=_BUCKET))
        yield _furnished(cloud, settings)
    finally:
        emulator.terminate()
        emulator.wait(30)


def _furnished(cloud: Cloud, settings: dict[str, object]) -> Cloud:
    with cloud.entered() as desk:
        desk.database().create_table()
        aws.client("s3").create_bucket(Bucket=_BUCKET)
        aws.client("s3").put_bucket_versioning(
            Bucket=_BUCKET, VersioningConfiguration={"Status": "Enabled"}
        )
        aws.client("ssm").put_parameter(Name=_PEPPER, Value=PEPPER.decode(), Type="SecureString")
        queue = aws.client("sqs").create_queue(QueueName=_QUEUE)["QueueUrl"]
        at_home(Repositories.on(desk.database(), pepper=lambda: PEPPER))
    queues = {name: queue for name in Settings.model_fields if name.endswith("_queue_url")}
    given = cloud.settings.model_dump() | queues | {"pepper_parameter": _PEPPER} | settings
    return Cloud(cloud.at, Settings.model_validate(given))


def _wait_for(address: str, log: Path) -> None:
    until = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"the emulator did not start:\n{log.read_text('utf-8')[-2000:]}")


def _forget_clients() -> None:
    aws.client.cache_clear()
    aws._session.cache_clear()
    bind.cache_clear()
