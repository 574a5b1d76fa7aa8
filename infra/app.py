"""CDK entry for the CLI: `cdk synth -c stage=prod`."""

from infra.service import new_app, synthesize
from infra.stages import STAGES


def main() -> None:
    """Write the templates of the stage that the CLI's context names."""
    app = new_app()
    synthesize(app, STAGES[app.node.get_context("stage")])


if __name__ == "__main__":
    main()
