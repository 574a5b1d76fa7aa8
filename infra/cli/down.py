"""`./dev down [--data DIR]`: stop the local stage; its state is kept."""

import argparse
import sys
from pathlib import Path

from infra.local import background
from infra.local.place import Place
from infra.local.say import complain, say
from infra.local.stage import StageFailed


def main() -> int:
    """Stop the stage, if one runs."""
    parser = argparse.ArgumentParser(prog="./dev down", description=__doc__)
    parser.add_argument("--data", type=Path, help="where it keeps its things (.reelsmith)")
    place = Place.at(parser.parse_args().data)
    try:
        stopped = background.stop(place)
    except StageFailed as failed:
        complain(str(failed))
        return 1
    say(f"stopped; everything is saved in {place.root}" if stopped else "no stage was running")
    return 0


if __name__ == "__main__":
    sys.exit(main())
