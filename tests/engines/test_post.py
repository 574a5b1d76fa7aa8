"""The two queues between courier and sender."""

import json

import pytest
from moto import mock_aws

from reelsmith import aws
from reelsmith.engines.post import QueuePost
from reelsmith.errors import Unavailable


@pytest.fixture
def queues():
    with mock_aws():
        sqs = aws.client("sqs")
        yield [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("courier", "letters")]


def post(courier, letters):
    return QueuePost(courier_queue_url=courier, letter_queue_url=letters)


def bodies(queue):
    found = aws.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
    return [json.loads(one["Body"]) for one in found.get("Messages", [])]


def test_letters_go_to_the_sender_and_outcomes_to_the_courier(queues):
    post(*queues).order({"url": "https://hooks.customer.net"})
    post(*queues).report({"status": 204})

    assert [bodies(queue) for queue in queues] == [
        [{"status": 204}],
        [{"url": "https://hooks.customer.net"}],
    ]


def test_a_call_comes_when_there_is_something_to_see(queues):
    post(*queues).wake(after_s=60)

    waiting = "ApproximateNumberOfMessagesDelayed"
    told = aws.client("sqs").get_queue_attributes(QueueUrl=queues[0], AttributeNames=[waiting])
    assert (told["Attributes"][waiting], bodies(queues[0])) == ("1", [])


def test_a_call_may_be_lost_and_a_letter_may_not(queues):
    gone = post("https://sqs.eu-west-1.amazonaws.com/1/gone", queues[1])
    gone.wake()
    with pytest.raises(Unavailable):
        gone.report({"status": 204})
