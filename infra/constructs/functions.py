"""One Lambda per entry: its own role, its own log group, its settings as environment."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, Size
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs import code
from infra.constructs.logs import log_group
from infra.entries import Entry
from infra.stages import StageSpec


class Function(lambda_.Function):
    """A file of `functions/` with what it may do. `failures` takes events that failed for good.

    `reserved` runs at most at once, and always can; 0 for whatever the account has.
    """

    def __init__(
        self,
        scope: Construct,
        entry: Entry,
        *,
        spec: StageSpec,
        layers: code.Layers,
        environment: Mapping[str, str],
        access: Sequence[iam.PolicyStatement],
        memory_mb: int,
        reserved: int = 0,
        failures: sqs.IQueue | None = None,
    ) -> None:
        construct_id = entry.name.title().replace("_", "")
        group = log_group(scope, f"{construct_id}Logs", spec=spec)
        super().__init__(
            scope,
            construct_id,
            code=code.entry(entry.module),
            handler=f"{entry.module}.handler",
            runtime=code.RUNTIME,
            architecture=code.ARCHITECTURE,
            layers=layers.of(*entry.wheels),
            environment=dict(environment),
            role=_role(scope, f"{construct_id}Role", group, access),
            log_group=group,
            memory_size=memory_mb,
            timeout=Duration.seconds(entry.timeout_s),
            ephemeral_storage_size=Size.mebibytes(entry.tmp_mb),
            reserved_concurrent_executions=reserved or None,
            dead_letter_queue=failures,
        )


def _role(
    scope: Construct,
    construct_id: str,
    group: logs.ILogGroup,
    access: Sequence[iam.PolicyStatement],
) -> iam.Role:
    role = iam.Role(scope, construct_id, assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    group.grant_write(role)
    for statement in access:
        role.add_to_policy(statement)
    return role
