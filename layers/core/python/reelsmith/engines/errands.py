"""Orders to the function that goes out, over SQS: `ports.Errands`."""

import json
from collections.abc import Mapping
from typing import Any

from reelsmith import aws
from reelsmith.errors import Unavailable
from reelsmith.telemetry import log


class QueueErrands:
    """The queue of a stage from which the function that fetches reads."""

    def __init__(self, queue_url: str) -> None:
        self._queue_url = queue_url

    def place(self, order: Mapping[str, Any]) -> None:
        """Have an order carried out, perhaps twice. Raises Unavailable."""
        try:
            aws.client("sqs").send_message(
                QueueUrl=self._queue_url, MessageBody=json.dumps(dict(order))
            )
        except aws.FAILURES as failure:
            raise Unavailable(
                "it could not be noted down; send the same request again"
            ) from failure

    def put_off(self, receipt: str, *, seconds: int) -> None:
        """Have an order come again after a while.

        Where that fails it comes again by itself, only later.
        """
        try:
            aws.client("sqs").change_message_visibility(
                QueueUrl=self._queue_url, ReceiptHandle=receipt, VisibilityTimeout=seconds
            )
        except aws.FAILURES as failure:
            log.warning("an order was not put off", extra={"reason": type(failure).__name__})
