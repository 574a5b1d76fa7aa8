"""What keeps state: table, bucket and vault. Their names are told by SSM parameters."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra import names
from infra.constructs.bucket import MediaBucket
from infra.constructs.pool import People
from infra.constructs.table import Table
from infra.constructs.vault import Vault
from infra.stages import StageSpec


class DataStack(Stack):
    """Table and bucket of one stage."""

    def __init__(self, scope: Construct, *, spec: StageSpec, **stack: object) -> None:
        super().__init__(
            scope,
            names.data_stack(spec.name),
            description=f"Reelsmith {spec.name}: table and bucket",
            termination_protection=spec.keep_data,
            **stack,
        )
        fate = RemovalPolicy.RETAIN if spec.keep_data else RemovalPolicy.DESTROY
        self.table = Table(self, "Table", spec=spec, removal_policy=fate)
        self.bucket = MediaBucket(self, "Bucket", spec=spec, removal_policy=fate)
        self._tell(spec, "table", self.table.table_name)
        self._tell(spec, "bucket", self.bucket.bucket_name)
        if spec.audit_lock:
            vault = Vault(self, "Vault", lock=spec.audit_lock, removal_policy=fate)
            self._tell(spec, "audit", vault.bucket_name)
        self.people = self._people(spec, fate) if spec.auth == "cognito" else None

    def _people(self, spec: StageSpec, fate: RemovalPolicy) -> People:
        people = People(self, "People", removal_policy=fate, keep=spec.keep_data)
        self._tell(spec, "pool", people.pool.user_pool_id)
        self._tell(spec, "client", people.client.user_pool_client_id)
        return people

    def _tell(self, spec: StageSpec, what: str, value: str) -> None:
        ssm.StringParameter(
            self,
            f"{what.title()}Name",
            parameter_name=names.parameter(spec.name, what),
            string_value=value,
        )
