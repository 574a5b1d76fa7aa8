"""One running local stage: starts the emulator, deploys to it, and keeps the folder carried."""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from boto3.session import Session

from infra.local import identity, leftovers
from infra.local.deployer import Deployer
from infra.local.emulator import SNAPSHOT_PATH, environment
from infra.local.folder import DropFolder
from infra.local.place import (
    Place,
    Taken,
    child_env,
    client_env,
    endpoint,
    exclusive,
    write_secret,
)
from infra.local.synth import STAGE, assembly
from reelsmith.settings import Settings

READY_WITHIN_S = 60.0
STOP_WITHIN_S = 30.0

Say = Callable[[str], None]


class AlreadyRunning(Exception):
    """Another launcher holds this place."""


class StageFailed(Exception):
    """The stage could not start, or it stopped by itself; the message says where to look."""


class Stage:
    """The launcher's side of a stage. `start`, then `wait`; `stop` in any case."""

    def __init__(self, place: Place, say: Say) -> None:
        self._place, self._say = place, say
        self._lock: TextIO | None = None
        self._emulator: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._port = 0
        self._watcher: threading.Thread | None = None

    def start(self) -> dict[str, Any]:
        """Bring the stage up; gives what `stage.json` then says.

        Raises:
            AlreadyRunning: the place is taken.
            StageFailed: the emulator did not start.
            SynthFailed: the templates could not be made.
            DeployFailed: they could not be deployed.
        """
        began = time.monotonic()
        self._place.make()
        self._lock = hold(self._place)
        self._place.card.unlink(missing_ok=True)
        self._wait_for_the_last_one()
        self._place.clear_scratch()
        self._port = self._place.port()
        with ThreadPoolExecutor(max_workers=1) as beside:
            made = beside.submit(assembly, self._place)
            self._say(f"starting the emulator on {endpoint(self._port)}")
            self._start_emulator()
            self._say("making the templates" if not made.done() else "templates are unchanged")
            templates = made.result()
        card = self._deploy(templates)
        write_secret(self._place.card, card)
        self._say(f"the stage is up after {time.monotonic() - began:.1f} s")
        return card

    def wait(self) -> None:
        """Stay until told to stop. Raises StageFailed when the emulator dies by itself."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told_to_stop)
        while not self._stopping.wait(0.2):
            if self._emulator is None or self._emulator.poll() is not None:
                raise StageFailed(f"the emulator ended by itself; see {self._place.log}")

    def stop(self) -> None:
        """Save the state and stop. Does nothing when nothing runs."""
        self._stopping.set()
        if self._watcher:
            self._watcher.join(timeout=10)
        if self._emulator and self._emulator.poll() is None:
            self._emulator.terminate()
            try:
                self._emulator.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._emulator.kill()  # the journal holds what matters
                self._emulator.wait()
        if self._lock:
            self._place.card.unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def _wait_for_the_last_one(self) -> None:
        try:
            exclusive(self._place.state_lock, within_s=STOP_WITHIN_S).close()
        except Taken as taken:
            raise StageFailed(f"an emulator still runs here and does not end: {taken}") from taken

    def _told_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()

    def _start_emulator(self) -> None:
        command = [sys.executable, "-m", "infra.local.emulator", str(self._place.root)]
        env = child_env() | environment(self._place, self._port)
        with self._place.log.open("ab") as out:
            self._emulator = subprocess.Popen(
                [*command, str(self._port), str(os.getpid())],
                env=env,
                cwd=self._place.root,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        until = time.monotonic() + READY_WITHIN_S
        while not self._is_ready():
            if self._emulator.poll() is not None or time.monotonic() > until:
                raise StageFailed(f"the emulator did not start:\n{_tail(self._place.log)}")
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(self._at("/_ministack/ready"), timeout=2) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except OSError:
            return False

    def _at(self, path: str) -> str:
        return f"{endpoint(self._port)}{path}"

    def _deploy(self, templates: Path) -> dict[str, Any]:
        os.environ.update(client_env(self._port))
        began = time.monotonic()
        deployed = Deployer(endpoint(self._port), stage=STAGE).deploy(templates)
        what = "deployed" if deployed.changed else "nothing to deploy"
        self._say(f"{what} ({time.monotonic() - began:.1f} s)")
        outputs = deployed.outputs
        settings = Settings(
            stage=STAGE,
            table=outputs["TableName"],
            bucket=outputs["BucketName"],
            pepper_parameter=identity.PEPPER,
            state_machine_arn=outputs["StateMachineArn"],
            wake_queue_url=outputs["WakeQueueUrl"],
        )
        who = identity.first(self._place, settings)
        if deployed.changed:
            request = urllib.request.Request(self._at(SNAPSHOT_PATH), method="POST")  # noqa: S310
            urllib.request.urlopen(request, timeout=60).close()  # noqa: S310
        self._carry(outputs, who.tenant)
        return {
            "api_url": self._at(f"/_aws/execute-api/{outputs['ApiId']}/$default"),
            "api_key": who.api_key,
            "endpoint_url": endpoint(self._port),
            "bucket": outputs["BucketName"],
            "drop_folder": str(self._place.drop),
            "table": outputs["TableName"],
            "tenant": who.tenant,
            "state_machine_arn": outputs["StateMachineArn"],
            "pid": os.getpid(),
        }

    def _carry(self, outputs: dict[str, str], tenant: str) -> None:
        session = Session()
        leftovers.announce(session, bucket=outputs["BucketName"], queue=outputs["IntakeQueueUrl"])
        leftovers.make_rounds(session)
        folder = DropFolder(
            self._place.drop,
            self._place.root / "drop.json",
            s3=session.client("s3"),
            bucket=outputs["BucketName"],
            tenant=tenant,
        )
        self._watcher = threading.Thread(
            target=folder.watch, args=(self._stopping,), daemon=True, name="drop-folder"
        )
        self._watcher.start()


def hold(place: Place) -> TextIO:
    """Take the place for this process as long as the file is open. Raises AlreadyRunning."""
    try:
        file = exclusive(place.lock)
    except Taken as taken:
        raise AlreadyRunning(f"a stage runs in {place.root}") from taken
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def runs(place: Place) -> bool:
    """Whether a launcher holds the place. A process id in a stale file counts for nothing."""
    if not place.lock.exists():
        return False
    try:
        exclusive(place.lock).close()
    except Taken:
        return True
    return False


def _tail(file: Path, lines: int = 20) -> str:
    return "\n".join(file.read_text("utf-8", errors="replace").splitlines()[-lines:])
