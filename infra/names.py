"""Names that the stacks, the deploy command and the local stage have to agree on. No CDK here."""


def data_stack(stage: str) -> str:
    """The stack that keeps state."""
    return f"Reelsmith-{stage}-data"


def app_stack(stage: str) -> str:
    """The stack that can be thrown away and made again."""
    return f"Reelsmith-{stage}-app"


def parameter(stage: str, what: str) -> str:
    """The SSM parameter that tells `table`, `bucket` or `pepper` of a stage."""
    return f"/reelsmith/{stage}/{what}"


def machine(stage: str) -> str:
    """The state machine; fixed, so that its own functions can be told its ARN."""
    return f"reelsmith-{stage}"
