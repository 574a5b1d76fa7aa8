"""The line between courier and sender, over two queues: `ports.Post`."""

import json
from collections.abc import Mapping
from typing import Any

from reelsmith import aws
from reelsmith.errors import Unavailable
from reelsmith.telemetry import log


class QueuePost:
    """Wake-up calls and outcomes to the courier, letters to the sender."""

    def __init__(self, *, courier_queue_url: str, letter_queue_url: str) -> None:
        self._courier = courier_queue_url
        self._letters = letter_queue_url

    def wake(self, *, after_s: int = 1) -> None:
        """Tell the courier that there may be work by then; a second, and the index shows it.

        It comes by each minute anyway, so a failure here is noted and forgotten.
        """
        try:
            aws.client("sqs").send_message(
                QueueUrl=self._courier, MessageBody="{}", DelaySeconds=after_s
            )
        except aws.FAILURES as failure:
            log.warning("the courier was not woken", extra={"reason": type(failure).__name__})

    def order(self, letter: Mapping[str, Any]) -> None:
        """Have the sender send a letter, perhaps twice. Raises Unavailable."""
        _put(self._letters, letter)

    def report(self, outcome: Mapping[str, Any]) -> None:
        """Tell the courier what became of a letter. Raises Unavailable."""
        _put(self._courier, outcome)


def _put(queue_url: str, note: Mapping[str, Any]) -> None:
    try:
        aws.client("sqs").send_message(QueueUrl=queue_url, MessageBody=json.dumps(dict(note)))
    except aws.FAILURES as failure:
        raise Unavailable("the queue takes nothing just now") from failure
