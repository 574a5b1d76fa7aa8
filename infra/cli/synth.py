"""`./dev synth STAGE [--out DIR]`: the templates of a stage, with no CDK CLI."""

import argparse
from pathlib import Path

from infra.service import new_app, synthesize
from infra.stages import STAGES


def main() -> None:
    """Write the cloud assembly of one stage."""
    parser = argparse.ArgumentParser(prog="./dev synth", description=__doc__)
    parser.add_argument("stage", choices=sorted(STAGES))
    parser.add_argument("--out", type=Path, default=Path("cdk.out"))
    asked = parser.parse_args()
    synthesize(new_app(asked.out), STAGES[asked.stage])


if __name__ == "__main__":
    main()
