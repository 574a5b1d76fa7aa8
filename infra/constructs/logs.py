"""Log groups that are declared, so that they have a retention and go with their stack."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.stages import StageSpec

_RETENTION = {
    1: logs.RetentionDays.ONE_DAY,
    7: logs.RetentionDays.ONE_WEEK,
    30: logs.RetentionDays.ONE_MONTH,
    90: logs.RetentionDays.THREE_MONTHS,
}


def log_group(
    scope: Construct, construct_id: str, *, spec: StageSpec, name: str | None = None
) -> logs.LogGroup:
    """A log group that forgets after `spec.log_days` days."""
    return logs.LogGroup(
        scope,
        construct_id,
        log_group_name=name,
        retention=_RETENTION[spec.log_days],
        removal_policy=RemovalPolicy.DESTROY,
    )
