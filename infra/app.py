"""CDK entry: `cdk synth -c stage=prod`, or `./dev synth prod` with no CLI."""

from infra.service import build, new_app
from infra.stages import STAGES


def main() -> None:
    """Write the templates of the stage that the context names."""
    app = new_app()
    build(app, STAGES[app.node.get_context("stage")])
    app.synth()


if __name__ == "__main__":
    main()
