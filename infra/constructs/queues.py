"""Queues, each with a place for what failed for good."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.stages import StageSpec

_TRIES = 5
_KEPT_DAYS = 14
_VISIBILITY = 6  # times the consumer's timeout, as Lambda's guide for SQS sources asks
_LATE_S = 900


def failures(scope: Construct, construct_id: str, *, spec: StageSpec) -> sqs.Queue:
    """Where events go that could not be handled; an alarm watches it."""
    return sqs.Queue(
        scope,
        construct_id,
        retention_period=Duration.days(_KEPT_DAYS),
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=spec.require_tls,
    )


class WorkQueue(Construct):
    """A queue that a function reads, and the one for what it could not do in five tries.

    A message that is `late_s` old is worth an alarm. One whose reader died comes again after
    `visibility` times the reader's timeout.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        spec: StageSpec,
        timeout_s: int,
        visibility: int = _VISIBILITY,
        late_s: int = _LATE_S,
    ) -> None:
        super().__init__(scope, construct_id)
        self.late_s = late_s
        self.failures = failures(self, "Failures", spec=spec)
        self.queue = sqs.Queue(
            self,
            "Queue",
            visibility_timeout=Duration.seconds(timeout_s * visibility),
            retention_period=Duration.days(_KEPT_DAYS),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=spec.require_tls,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.failures, max_receive_count=_TRIES),
        )
