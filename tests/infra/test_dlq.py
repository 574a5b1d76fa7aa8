"""Messages that failed in all tries, as the operator of a stage deals with them."""

import json

import boto3
import pytest
from moto import mock_aws

from infra.cli import dlq
from infra.cli.dlq import Queue
from tests.aws import REGION

EVENT = json.dumps({"detail": {"object": {"key": "uploads/ten_1/ast_1", "version-id": "1"}}})


@pytest.fixture
def sqs(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield boto3.client("sqs", region_name=REGION)


@pytest.fixture
def intake(sqs):
    made = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("failures", "source")}
    return Queue("intake", made["failures"], made["source"])


def send(sqs, queue, *bodies):
    return [sqs.send_message(QueueUrl=queue.url, MessageBody=b)["MessageId"] for b in bodies]


def waiting(sqs, url):
    """Bodies of all messages that can be received now."""
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return sorted(one["Body"] for one in answer.get("Messages", []))


def test_what_can_be_read_goes_back_and_the_rest_stays_with_the_reason(sqs, intake):
    good, bad = send(sqs, intake, EVENT, "no event")
    assert dict(dlq.redrive(sqs, intake)) == {good: None, bad: "no JSON"}
    assert waiting(sqs, intake.source) == [EVENT]
    assert waiting(sqs, intake.url) == ["no event"]


def test_a_second_redrive_sends_nothing_twice(sqs, intake):
    send(sqs, intake, *[EVENT] * 25)
    assert len(list(dlq.redrive(sqs, intake))) == 25
    assert list(dlq.redrive(sqs, intake)) == []
    assert dlq.count(sqs, Queue("intake", intake.source, None)) == 25


def test_what_is_looked_at_stays(sqs, intake):
    send(sqs, intake, EVENT, "no event")
    assert len(list(dlq.look(sqs, intake))) == 2
    assert waiting(sqs, intake.url) == sorted([EVENT, "no event"])


def test_a_redrive_that_is_broken_off_loses_nothing(sqs, intake):
    send(sqs, intake, EVENT, EVENT, EVENT)
    under_way = dlq.redrive(sqs, intake)
    next(under_way)
    under_way.close()
    assert len(waiting(sqs, intake.source)) + len(waiting(sqs, intake.url)) == 3


def test_what_events_called_for_has_no_way_back_and_needs_none(sqs, intake):
    lost = Queue(dlq.LOST, intake.url, None)
    send(sqs, lost, "{}")
    ((_, fault),) = dlq.redrive(sqs, lost)
    assert "next round" in fault


@pytest.mark.parametrize("name", ["fetch", "letter"])
def test_an_order_is_read_as_its_reader_would_read_it(name):
    assert dlq.fault_of(Queue(name, "", "source"), "{}").endswith("Field required")


def test_every_queue_for_failures_of_a_stage_has_its_name_and_its_source(prod):
    class Stack:
        """CloudFormation, as far as it tells of a stack's resources."""

        def get_paginator(self, _):
            return self

        def paginate(self, **_):
            told = [
                {
                    "LogicalResourceId": name,
                    "PhysicalResourceId": name,
                    "ResourceType": one["Type"],
                }
                for name, one in prod.app["Resources"].items()
            ]
            return [{"StackResourceSummaries": told}]

    found = dlq.queues(Stack(), "prod")
    made = [o for o in prod.app["Resources"].values() if o["Type"] == "AWS::SQS::Queue"]
    sources = {queue.source for queue in found.values() if queue.source}
    assert {"intake", "wake", "fetch", dlq.LOST} <= set(found)
    assert len(found) + len(sources) == len(made)
    assert set(dlq._READERS) <= set(found)
