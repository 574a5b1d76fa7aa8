"""A stage in the background: starting it, finding it, stopping it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from infra.local.place import CHECKOUT, Place, child_env
from infra.local.stage import STOP_WITHIN_S, StageFailed, runs

START_WITHIN_S = 180.0
_LOOK_S = 0.05


def start(place: Place, say: Callable[[str], None]) -> dict[str, Any]:
    """Start the stage unless it runs; gives what `stage.json` says once it is up.

    Raises:
        StageFailed: it did not come up; the message holds what it said.
    """
    if runs(place):
        say("the stage is already running")
        return card_of(place)
    return card_of(place, launch(place))


def launch(place: Place) -> "subprocess.Popen[bytes]":
    """A launcher in a session of its own: the end of this terminal does not end the stage."""
    place.make()
    with (place.root / "up.log").open("wb") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "infra.cli.up", "--data", str(place.root)],
            env=child_env(),
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def card_of(place: Place, launcher: "subprocess.Popen[bytes] | None" = None) -> dict[str, Any]:
    """What `stage.json` says, once the stage that is starting has written it.

    Raises:
        StageFailed: the stage ended before, or takes too long; the message holds what it said.
    """
    until = time.monotonic() + START_WITHIN_S
    while time.monotonic() < until:
        card = place.read_card()
        if card and (launcher is None or card.get("pid") == launcher.pid):
            return card
        if launcher is not None and launcher.poll() is not None:
            raise StageFailed((place.root / "up.log").read_text("utf-8"))
        time.sleep(_LOOK_S)
    raise StageFailed(f"the stage is not up after {START_WITHIN_S:.0f} s")


def stop(place: Place) -> bool:
    """Stop the stage and wait until it is gone; false when none runs.

    Raises:
        StageFailed: it does not stop.
    """
    if not runs(place):
        place.card.unlink(missing_ok=True)
        return False
    # Only the process that holds the lock has its id in it, so this is never a stranger.
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(place.lock.read_text("utf-8")), signal.SIGTERM)
    until = time.monotonic() + STOP_WITHIN_S + 5
    while runs(place):
        if time.monotonic() > until:
            raise StageFailed(f"the stage does not stop; see {place.log}")
        time.sleep(_LOOK_S)
    return True
