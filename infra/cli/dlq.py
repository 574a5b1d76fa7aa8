"""Messages that no try could handle: look at them, and send back those that can be handled.

`./dev dlq list`: the queues for failures, and how many messages wait there.
`./dev dlq show QUEUE`: what waits in one, with why it cannot go back, if so.
`./dev dlq redrive QUEUE`: send back what its reader can read; the rest stays where it is.

Without --stage it is the running local stage; with it, the stage in the AWS account of the
environment. `lost` holds what functions called by events could not do; it is only shown, since the
next round of the schedule does that work again.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from pydantic import BaseModel, ValidationError

from infra import names
from infra.cli.reach import NotThere, settings_of
from infra.local.say import complain, say
from infra.local.synth import STAGE
from infra.stages import STAGES
from reelsmith.usecases.fetching import Order
from reelsmith.workflow import arrivals
from reelsmith.workflow.letters import Letter

LOST = "lost"
_HELD_S = 60  # a message that is looked at is nobody else's for so long
_BATCH, _WORDS = 10, 160
_FAILURES = re.compile(r"(\w+)QueueFailures[0-9A-F]{8}")
_LOST = re.compile(r"Lost[0-9A-F]{8}")

Fault = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue for failures: its URL, and that of the queue that its messages came from."""

    name: str
    url: str
    source: str | None


def queues(cloudformation: Any, stage: str) -> dict[str, Queue]:  # noqa: ANN401
    """The queues for failures of a stage, by name."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(
        StackName=names.app_stack(stage)
    )
    urls = {
        made["LogicalResourceId"]: made["PhysicalResourceId"]
        for page in pages
        for made in page["StackResourceSummaries"]
        if made["ResourceType"] == "AWS::SQS::Queue"
    }
    found = {}
    for logical, url in urls.items():
        if failures := _FAILURES.fullmatch(logical):
            of = re.compile(rf"{failures[1]}Queue[0-9A-F]{{8}}")
            source = next((url for other, url in urls.items() if of.fullmatch(other)), None)
            name = failures[1].lower()
            found[name] = Queue(name, url, source)
        elif _LOST.fullmatch(logical):
            found[LOST] = Queue(LOST, url, None)
    return found


def count(sqs: Any, queue: Queue) -> int:  # noqa: ANN401
    """About how many messages wait."""
    asked = "ApproximateNumberOfMessages"
    told = sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=[asked])
    return int(told["Attributes"][asked])


def look(sqs: Any, queue: Queue) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    """Each message that waits, once. What was not taken away is put back at the end."""
    seen: dict[str, str] = {}
    try:
        while True:
            answer = sqs.receive_message(
                QueueUrl=queue.url,
                MaxNumberOfMessages=_BATCH,
                VisibilityTimeout=_HELD_S,
                MessageSystemAttributeNames=["SentTimestamp"],
            )
            fresh = [one for one in answer.get("Messages", []) if one["MessageId"] not in seen]
            if not fresh:
                return
            seen |= {one["MessageId"]: one["ReceiptHandle"] for one in fresh}
            yield from fresh
    finally:
        for receipt in seen.values():
            _put_back(sqs, queue, receipt)


def redrive(sqs: Any, queue: Queue) -> Iterator[tuple[str, str | None]]:  # noqa: ANN401
    """Send messages back; gives the id of each, with the fault of one that stays in place.

    A message is taken away after it was sent: one that goes back twice does no harm.
    """
    for message in look(sqs, queue):
        fault = fault_of(queue, message["Body"])
        if fault is None:
            sqs.send_message(QueueUrl=queue.source, MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
        yield message["MessageId"], fault


def fault_of(queue: Queue, body: str) -> str | None:
    """Why a message cannot go back to where it came from; None when it can."""
    if queue.source is None:
        return "its reader is called by events: the next round does that work"
    known = _READERS.get(queue.name)
    return known(body) if known else None


def _reads(form: type[BaseModel]) -> Fault:
    def fault(body: str) -> str | None:
        try:
            form.model_validate_json(body)
        except ValidationError as wrong:
            first = wrong.errors(include_input=False)[0]
            return f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}"
        return None

    return fault


_READERS: Mapping[str, Fault] = {  # any message wakes whom it has to wake
    "intake": arrivals.fault,
    "fetch": _reads(Order),
    "letter": _reads(Letter),
}


def _put_back(sqs: Any, queue: Queue, receipt: str) -> None:  # noqa: ANN401
    try:
        sqs.change_message_visibility(
            QueueUrl=queue.url, ReceiptHandle=receipt, VisibilityTimeout=0
        )
    except (sqs.exceptions.MessageNotInflight, sqs.exceptions.ReceiptHandleIsInvalid):
        return  # it was sent back
    except sqs.exceptions.ClientError as refused:
        if refused.response["Error"]["Code"] != "InvalidParameterValue":  # it is deleted
            raise


def _list(sqs: Any, found: Mapping[str, Queue], _: argparse.Namespace) -> int:  # noqa: ANN401
    for name in sorted(found):
        say(f"{name:10} {count(sqs, found[name])}")
    return 0


def _show(sqs: Any, found: Mapping[str, Queue], asked: argparse.Namespace) -> int:  # noqa: ANN401
    queue = _one(found, asked.queue)
    for message in look(sqs, queue):
        fault = fault_of(queue, message["Body"]) or "it can go back"
        say(f"{message['MessageId']}  {fault}\n  {json.dumps(message['Body'][:_WORDS])}")
    return 0


def _redrive(sqs: Any, found: Mapping[str, Queue], asked: argparse.Namespace) -> int:  # noqa: ANN401
    left = 0
    for message_id, fault in redrive(sqs, _one(found, asked.queue)):
        left += fault is not None
        say(f"{message_id}  {fault or 'sent back'}")
    return 1 if left else 0


def _one(found: Mapping[str, Queue], name: str) -> Queue:
    if name not in found:
        raise NotThere(f"no queue {name!r}; there are {', '.join(sorted(found))}")
    return found[name]


def main() -> int:
    """Do what is asked; 1 when something stays that could not be sent back."""
    asked = _arguments()
    try:
        settings_of(asked.stage, data=asked.data)
        found = queues(boto3.client("cloudformation"), asked.stage)
        done: int = asked.run(boto3.client("sqs"), found, asked)
    except NotThere as refused:
        complain(str(refused))
        return 1
    return done


def _arguments() -> argparse.Namespace:
    usual = argparse.ArgumentParser(add_help=False)
    usual.add_argument("--stage", default=STAGE, choices=sorted(STAGES))
    usual.add_argument("--data", type=Path, help="where the local stage keeps its things")
    parser = argparse.ArgumentParser(prog="./dev dlq", description=__doc__)
    what = parser.add_subparsers(required=True)
    what.add_parser("list", parents=[usual]).set_defaults(run=_list)
    for name, run in {"show": _show, "redrive": _redrive}.items():
        command = what.add_parser(name, parents=[usual])
        command.set_defaults(run=run)
        command.add_argument("queue", help="as `list` calls it")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
