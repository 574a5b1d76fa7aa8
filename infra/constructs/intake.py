"""Events: what arrives in the bucket, what wakes the dispatcher, and the rounds by the clock."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from reelsmith.storage import keys

_ARRIVALS = [{"prefix": keys.UPLOADS}, {"wildcard": f"{keys.DROP}*/in/*"}]


class Arrivals(events.Rule):
    """Uploads and dropped files go to the intake queue.

    The queue lies between because EventBridge cannot name an execution, and a name is what makes
    the same event twice one run. What cannot be put into it goes to `failures`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket_name: str,
        queue: sqs.IQueue,
        failures: sqs.IQueue,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={"bucket": {"name": [bucket_name]}, "object": {"key": _ARRIVALS}},
            ),
            targets=[targets.SqsQueue(queue, dead_letter_queue=failures)],
        )


def feed(function: lambda_.Function, queue: sqs.IQueue, *, batch: int, concurrency: int) -> None:
    """Let a function read a queue; a message that fails alone comes back alone."""
    function.add_event_source(
        sources.SqsEventSource(
            queue,
            batch_size=batch,
            max_concurrency=concurrency,
            report_batch_item_failures=True,
        )
    )


class Every(events.Rule):
    """A schedule of rounds, so many minutes apart. A missed one is not made up for."""

    def __init__(
        self, scope: Construct, construct_id: str, *, minutes: int, function: lambda_.IFunction
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            schedule=events.Schedule.rate(Duration.minutes(minutes)),
            targets=[
                targets.LambdaFunction(
                    function, retry_attempts=0, max_event_age=Duration.minutes(1)
                )
            ],
        )
