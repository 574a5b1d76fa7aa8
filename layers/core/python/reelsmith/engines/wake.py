"""The wake-up call of the dispatcher, over SQS."""

from reelsmith import aws
from reelsmith.telemetry import log


class QueueWaker:
    """Puts an empty note into the wake queue."""

    def __init__(self, queue_url: str) -> None:
        self._queue_url = queue_url

    def __call__(self) -> None:
        """Wake the dispatcher.

        The job is stored already and each minute wakes the dispatcher too, so a failure here is
        noted and forgotten.
        """
        try:
            aws.client("sqs").send_message(QueueUrl=self._queue_url, MessageBody="{}")
        except aws.FAILURES as error:
            log.warning("the dispatcher was not woken", extra={"reason": type(error).__name__})
