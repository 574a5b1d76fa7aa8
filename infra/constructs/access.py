"""Policies: what an entry of `infra.entries` may do, as exact actions on exact names."""

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm

from infra import names
from infra.entries import Entry, Rows
from infra.stages import StageSpec
from infra.wheels import SPEECH
from reelsmith.storage.keys import AUDIT
from reelsmith.table import keys

_ROW_ACTIONS = {
    Rows.NONE: (),
    Rows.NOTE: ("GetItem", "BatchGetItem", "PutItem", "UpdateItem"),
    Rows.APPEND: ("GetItem", "Query", "PutItem"),
    Rows.ALL: (
        "GetItem",
        "BatchGetItem",
        "Query",
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "ConditionCheckItem",
    ),
}
_INDEXED = (Rows.APPEND, Rows.ALL)
_READ = ("GetObject", "GetObjectVersion")
_JOURNAL = [keys.journal("*").pk, keys.seals("*").pk]


class Access:
    """The names of what a stage keeps and runs, and the policies that open exactly these."""

    def __init__(
        self,
        stack: Stack,
        *,
        spec: StageSpec,
        wake_queue: sqs.IQueue,
        fetch_queue: sqs.IQueue,
        courier_queue: sqs.IQueue,
        letter_queue: sqs.IQueue,
    ) -> None:
        self._stack = stack
        self.polly = spec.polly
        self._wake_queue = wake_queue
        self._fetch_queue = fetch_queue
        self._courier_queue = courier_queue
        self._letter_queue = letter_queue
        self.table_name = _told(stack, spec, "table")
        self.bucket_name = _told(stack, spec, "bucket")
        self.vault_name = _told(stack, spec, "audit") if spec.audit_lock else ""
        self.pepper_parameter = names.parameter(spec.name, "pepper")
        self.machine_name = names.machine(spec.name)
        self.machine_arn = self._states("stateMachine", self.machine_name)

    def of(self, entry: Entry) -> list[iam.PolicyStatement]:
        """Everything this entry may do, and nothing else."""
        statements = [
            *self._rows(entry.rows),
            self._append_only(),
            *self._objects("read", _READ, entry.reads),
            *self._listing((*entry.reads, *entry.lists)),
            *self._objects("write", ("PutObject",), entry.writes),
            *self._objects("delete", ("DeleteObject",), entry.deletes),
            *self._objects("abort", ("AbortMultipartUpload",), entry.aborts),
            *self._runs(entry.runs),
        ]
        told = [
            queue.queue_arn
            for wanted, queue in (
                (entry.wakes, self._wake_queue),
                (entry.orders, self._fetch_queue),
                (entry.calls, self._courier_queue),
                (entry.sends, self._letter_queue),
            )
            if wanted
        ]
        statements += [_allow(["sqs:SendMessage"], [one]) for one in told]
        if entry.pepper:
            statements.append(_allow(["ssm:GetParameter"], [self._pepper_arn()]))
        if self.polly and SPEECH in entry.wheels:
            statements.append(_allow(["polly:SynthesizeSpeech"], ["*"], sid="Speak"))
        if entry.seals and self.vault_name:
            statements += self._vault()
        return statements

    def to_spread(self) -> list[iam.PolicyStatement]:
        """What the machine may do with itself: the tasks of a Distributed Map are executions.

        Step Functions Developer Guide, "IAM policies for using Distributed Map states".
        """
        return self._runs(("StartExecution", "DescribeExecution", "StopExecution"))

    def _rows(self, rows: Rows) -> list[iam.PolicyStatement]:
        table = self._table_arn()
        if rows is Rows.NONE:
            return []
        allowed = [_allow([f"dynamodb:{action}" for action in _ROW_ACTIONS[rows]], [table])]
        if rows in _INDEXED:
            indexes = [f"{table}/index/{index}" for index in (keys.GSI1, keys.GSI2)]
            allowed.append(_allow(["dynamodb:Query"], indexes))
        return allowed

    def _append_only(self) -> iam.PolicyStatement:
        """Nobody changes or takes away a row of the journal or a link of its chain.

        AWS asks for ForAllValues with LeadingKeys (DynamoDB Developer Guide, "Using IAM policy
        conditions for fine-grained access control"). A request without keys must not count as
        one for the journal, hence Null. What several keys in a transaction are compared as is
        not documented; so that no other write can be refused, all of them have to be the
        journal's. Putting over a row is what the chain and its vault are for.
        """
        return _allow(
            ["dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"],
            [self._table_arn()],
            effect=iam.Effect.DENY,
            conditions={
                "ForAllValues:StringLike": {"dynamodb:LeadingKeys": _JOURNAL},
                "Null": {"dynamodb:LeadingKeys": "false"},
            },
        )

    def _vault(self) -> list[iam.PolicyStatement]:
        vault = f"arn:{self._stack.partition}:s3:::{self.vault_name}"
        below = {"StringLikeIfExists": {"s3:prefix": [f"{AUDIT}*"]}}
        return [
            _allow(["s3:GetObject", "s3:PutObject"], [f"{vault}/{AUDIT}*"], sid="Vault"),
            _allow(["s3:ListBucket"], [vault], conditions=below),
        ]

    def _objects(
        self, what: str, actions: tuple[str, ...], prefixes: tuple[str, ...]
    ) -> list[iam.PolicyStatement]:
        if not prefixes:
            return []
        arns = [f"{self._bucket_arn()}/{prefix}*" for prefix in prefixes]
        return [_allow([f"s3:{action}" for action in actions], arns, sid=f"{what.title()}Objects")]

    def _listing(self, prefixes: tuple[str, ...]) -> list[iam.PolicyStatement]:
        """Without it S3 answers 403 instead of 404 for what is not there.

        A GetObject carries no prefix to compare, hence IfExists.
        """
        if not prefixes:
            return []
        below = {"StringLikeIfExists": {"s3:prefix": [f"{prefix}*" for prefix in prefixes]}}
        return [_allow(["s3:ListBucket"], [self._bucket_arn()], conditions=below)]

    def _runs(self, actions: tuple[str, ...]) -> list[iam.PolicyStatement]:
        start = [f"states:{action}" for action in actions if action == "StartExecution"]
        others = [f"states:{action}" for action in actions if action != "StartExecution"]
        executions = self._states("execution", f"{self.machine_name}:*")
        return [
            *([_allow(start, [self.machine_arn])] if start else []),
            *([_allow(others, [executions])] if others else []),
        ]

    def _table_arn(self) -> str:
        return self._stack.format_arn(
            service="dynamodb", resource="table", resource_name=self.table_name
        )

    def _bucket_arn(self) -> str:
        return f"arn:{self._stack.partition}:s3:::{self.bucket_name}"

    def _pepper_arn(self) -> str:
        return self._stack.format_arn(
            service="ssm", resource="parameter", resource_name=self.pepper_parameter.lstrip("/")
        )

    def _states(self, resource: str, name: str) -> str:
        return self._stack.format_arn(
            service="states",
            resource=resource,
            resource_name=name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )


def _told(stack: Stack, spec: StageSpec, what: str) -> str:
    return ssm.StringParameter.value_for_string_parameter(stack, names.parameter(spec.name, what))


def _allow(actions: list[str], resources: list[str], **more: object) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=actions, resources=resources, **more)
