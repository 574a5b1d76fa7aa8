"""`./dev up [--detach] [--data DIR]`: the local stage."""

import argparse
import sys
from pathlib import Path
from typing import Any

from infra.local import background
from infra.local.deployer import DeployFailed
from infra.local.place import Place
from infra.local.say import complain, say
from infra.local.stage import AlreadyRunning, Stage, StageFailed
from infra.local.synth import SynthFailed


def main() -> int:
    """Start the stage and stay in front, or with `--detach` leave it in the background."""
    parser = argparse.ArgumentParser(prog="./dev up", description=__doc__)
    parser.add_argument("--detach", action="store_true", help="return when the stage is up")
    parser.add_argument("--data", type=Path, help="where it keeps its things (.reelsmith)")
    asked = parser.parse_args()
    place = Place.at(asked.data)
    try:
        return _in_background(place) if asked.detach else _in_front(place)
    except (StageFailed, SynthFailed, DeployFailed) as failed:
        complain(f"the stage did not start: {failed}")
        return 1


def _in_front(place: Place) -> int:
    stage = Stage(place, say)
    try:
        _show(stage.start())
        say("Ctrl-C stops it.")
        stage.wait()
    except AlreadyRunning:
        card = background.card_of(place)
        say("the stage is already running")
        _show(card)
        return 0
    except KeyboardInterrupt:
        say("stopping before it was up")
        return 130
    finally:
        stage.stop()
    say("stopped; everything is saved")
    return 0


def _in_background(place: Place) -> int:
    _show(background.start(place, say))
    say("it runs in the background; `./dev down` stops it")
    return 0


def _show(card: dict[str, Any]) -> None:
    for title, name in (
        ("API", "api_url"),
        ("key", "api_key"),
        ("drop folder", "drop_folder"),
        ("AWS endpoint", "endpoint_url"),
    ):
        say(f"  {title:<13} {card[name]}")


if __name__ == "__main__":
    sys.exit(main())
