"""Embedded metrics in the functions' logs become CloudWatch metrics, as AWS does it.

Format: "CloudWatch embedded metric format specification" in the CloudWatch user guide.
"""

import contextlib
import json
import logging
import queue
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.local.place import CREDENTIALS, REGION

log = logging.getLogger("stage.metrics")

Datum = Any  # a datum of PutMetricData, or a record of the log that holds some


def metrics_in(line: str) -> Iterator[tuple[str, Datum]]:
    """The (namespace, datum for PutMetricData) pairs in one line of a log; none in other lines."""
    if '"_aws"' not in line:
        return
    with contextlib.suppress(ValueError, KeyError, TypeError):
        record = json.loads(line[line.index("{") :])
        when = datetime.fromtimestamp(record["_aws"]["Timestamp"] / 1000, UTC)
        for directive in record["_aws"]["CloudWatchMetrics"]:
            for datum in _data(record, directive, when):
                yield directive["Namespace"], datum


def _data(record: Datum, directive: Datum, when: datetime) -> Iterator[Datum]:
    for names in directive.get("Dimensions") or [[]]:
        dimensions = [{"Name": name, "Value": str(record[name])} for name in names]
        for metric in directive["Metrics"]:
            value = record[metric["Name"]]
            yield {
                "MetricName": metric["Name"],
                "Unit": metric.get("Unit", "None"),
                "Dimensions": dimensions,
                "Values": [float(v) for v in (value if isinstance(value, list) else [value])],
                "Timestamp": when,
            }


class Sender:
    """Sends what it finds in logs from a thread of its own, so that no call waits for it."""

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url
        self._waiting: queue.SimpleQueue[tuple[str, Datum]] = queue.SimpleQueue()
        threading.Thread(target=self._send_forever, daemon=True, name="metrics").start()

    def take(self, text: str) -> None:
        """Take the log of one call."""
        for line in text.splitlines():
            for found in metrics_in(line):
                self._waiting.put(found)

    def _send_forever(self) -> None:
        first = self._waiting.get()
        client = boto3.client(
            "cloudwatch",
            endpoint_url=self._endpoint_url,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )
        while True:
            for namespace, data in self._batch(first).items():
                try:
                    client.put_metric_data(Namespace=namespace, MetricData=data)
                except (BotoCoreError, ClientError) as failed:
                    log.warning("%d metrics lost: %s", len(data), failed)
            first = self._waiting.get()

    def _batch(self, first: tuple[str, Datum]) -> dict[str, list[Datum]]:
        found = [first]
        with contextlib.suppress(queue.Empty):
            while len(found) < 500:
                found.append(self._waiting.get_nowait())
        batch: dict[str, list[Datum]] = {}
        for namespace, datum in found:
            batch.setdefault(namespace, []).append(datum)
        return batch
