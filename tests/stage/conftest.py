"""A local stage of the tests' own: real templates, real functions, its own folder and port."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from infra.local import background
from infra.local.client import Client
from infra.local.place import CREDENTIALS, REGION, Place


class RunningStage:
    """`.api` calls it, `.stage` is its stage.json, `.kill()` is kill -9 of everything."""

    def __init__(self, data: Path) -> None:
        self.place = Place.at(data)
        self.stage: dict[str, Any] = {}
        self._launcher: subprocess.Popen[bytes] | None = None

    @property
    def api(self) -> Client:
        """A caller with the administrator's key."""
        return Client.of(self.stage)

    @property
    def said(self) -> str:
        """What the launcher has told the terminal in this run."""
        return (self.place.root / "up.log").read_text("utf-8")

    def start(self) -> None:
        """Up, or up again; returns when requests are served."""
        self._reap()
        self._launcher = background.launch(self.place)
        self.stage = background.card_of(self.place, self._launcher)

    def stop(self) -> None:
        """Down, cleanly."""
        background.stop(self.place)
        self._reap()

    def kill(self) -> None:
        """SIGKILL to the launcher, the emulator and every function, at once."""
        if self._launcher:
            os.killpg(self._launcher.pid, signal.SIGKILL)
        self._reap()
        self.place.card.unlink(missing_ok=True)

    def kill_launcher(self) -> None:
        """SIGKILL to the launcher alone; nobody tells the emulator."""
        if self._launcher:
            self._launcher.kill()
        self._reap()

    def aws(self, service: str) -> Any:
        """A boto3 client with the rights of the account's owner."""
        return boto3.client(
            service,
            endpoint_url=self.stage["endpoint_url"],
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"total_max_attempts": 1}),
        )

    def _reap(self) -> None:
        if self._launcher:
            self._launcher.wait(30)


@pytest.fixture(scope="session")
def stage(tmp_path_factory):
    """The one stage of a test session. A test that kills it starts it again."""
    running = RunningStage(tmp_path_factory.mktemp("stage"))
    try:
        running.start()
        yield running
    finally:
        with contextlib.suppress(background.StageFailed):
            running.stop()
