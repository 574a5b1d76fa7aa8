"""What a sudden stop may have lost on the way: events about files, and the wake-ups of jobs.

AWS keeps its queues; here a queue may come back a few seconds older than it was. So each start
tells the intake again about every file that still waits for it, and lets the housekeeping make a
round at once. Both are told the same thing twice without harm.
"""

import json
import threading
from collections.abc import Iterator
from typing import Any

from boto3.session import Session

from infra import names
from infra.local.synth import STAGE
from reelsmith.storage import keys
from reelsmith.usecases.sweeping import GRACE

_BATCH = 10  # the most that SQS takes in one request
_HOUSEKEEPING = "Housekeeping"


def announce(session: Session, *, bucket: str, queue: str) -> int:
    """Tell the intake about every file that waits; gives how many there were."""
    sqs = session.client("sqs")
    events = [_event(bucket, version) for version in _waiting(session.client("s3"), bucket)]
    for start in range(0, len(events), _BATCH):
        entries: list[Any] = [
            {"Id": str(number), "MessageBody": json.dumps(event)}
            for number, event in enumerate(events[start : start + _BATCH])
        ]
        sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    return len(events)


def make_rounds(session: Session) -> None:
    """Call the housekeeping now, and again when it dares to judge what ran a moment ago."""
    make_a_round(session)
    later = threading.Timer(GRACE.total_seconds() + 1, make_a_round, (session,))
    later.daemon = True
    later.start()


def make_a_round(session: Session) -> None:
    """Call the housekeeping function, without waiting for it."""
    stacks = session.client("cloudformation").get_paginator("list_stack_resources")
    for page in stacks.paginate(StackName=names.app_stack(STAGE)):
        for made in page["StackResourceSummaries"]:
            if made["ResourceType"] == "AWS::Lambda::Function" and made[
                "LogicalResourceId"
            ].startswith(_HOUSEKEEPING):
                session.client("lambda").invoke(
                    FunctionName=made["PhysicalResourceId"], InvocationType="Event", Payload=b"{}"
                )


def _waiting(s3: Any, bucket: str) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    pages = s3.get_paginator("list_object_versions")
    for prefix in (keys.UPLOADS, keys.DROP):
        for page in pages.paginate(Bucket=bucket, Prefix=prefix):
            for version in page.get("Versions", []):
                box = version["Key"].split("/")[2:3]
                if version["IsLatest"] and (prefix == keys.UPLOADS or box == ["in"]):
                    yield version


def _event(bucket: str, version: dict[str, Any]) -> dict[str, Any]:
    """As EventBridge tells of a new object (S3 user guide, "EventBridge event message")."""
    stored = {
        "key": version["Key"],
        "size": version["Size"],
        "etag": version["ETag"].strip('"'),
        "version-id": version["VersionId"],
    }
    return {
        "version": "0",
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": bucket}, "object": stored},
    }
