"""The single table, with the keys that the table room names."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.stages import StageSpec
from reelsmith.table import keys


class Table(dynamodb.TableV2):
    """On demand, two indexes; nothing here has an hourly price."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        spec: StageSpec,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            partition_key=_text(keys.PK),
            sort_key=_text(keys.SK),
            global_secondary_indexes=[
                _index(keys.GSI1, keys.GSI1_PK, keys.GSI1_SK),
                _index(keys.GSI2, keys.GSI2_PK, keys.GSI2_SK),
            ],
            time_to_live_attribute=keys.TTL,
            billing=dynamodb.Billing.on_demand(),
            deletion_protection=spec.keep_data,
            point_in_time_recovery_specification=_recovery(spec.pitr_days),
            removal_policy=removal_policy,
        )


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


def _index(name: str, partition: str, sort: str) -> dynamodb.GlobalSecondaryIndexPropsV2:
    return dynamodb.GlobalSecondaryIndexPropsV2(
        index_name=name, partition_key=_text(partition), sort_key=_text(sort)
    )


def _recovery(days: int) -> dynamodb.PointInTimeRecoverySpecification | None:
    if not days:
        return None
    return dynamodb.PointInTimeRecoverySpecification(
        point_in_time_recovery_enabled=True, recovery_period_in_days=days
    )
