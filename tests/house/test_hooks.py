"""What is sent to receivers is what the document of the API says."""

import json

import jsonschema_rs
import pytest

from reelsmith.domain import events
from reelsmith.domain.events import EventType
from reelsmith.domain.jobs import JobStatus
from reelsmith.domain.signing import headers
from reelsmith.http.views.told import TOLD
from reelsmith.ports import Answer
from reelsmith.usecases import webhooks
from tests.builders import EPOCH, a_batch, a_job, an_asset
from tests.house.contract import document
from tests.table.steps import a_film, as_started
from tests.webhooking import ADMIN, URL, Mail
from tests.world import a_world

OTHER = f"{URL}/other"


@pytest.fixture(scope="module")
def made():
    return document()


def of_jobs():
    queued = a_job(metadata={"order": 17})
    begun = as_started(queued)
    done, _ = a_film(begun)
    for job in (queued, begun, done):
        event = events.of_job(job, event_id="evt_1")
        yield event
        yield from events.that_follow(event)
    for status in (JobStatus.FAILED, JobStatus.CANCELLED):
        over = begun.moved_to(status, at=EPOCH, completed_at=EPOCH)
        yield events.of_job(over, event_id="evt_1")


def of_others():
    yield events.of_batch(a_batch(fed=2, refused=2).ended(at=EPOCH), event_id="evt_1")
    yield events.of_expired_file(an_asset(), at=EPOCH)


def is_as_told(made, body):
    hook = made["webhooks"][body["type"]]["post"]
    schema = hook["requestBody"]["content"]["application/json"]["schema"]
    jsonschema_rs.validate(schema | {"components": made["components"]}, body)
    return body["data"].keys() == TOLD[EventType(body["type"])][1].model_fields.keys()


@pytest.mark.parametrize("event", [*of_jobs(), *of_others()], ids=lambda event: event.type)
def test_every_event_has_the_shape_that_the_document_says(made, event):
    assert is_as_told(made, json.loads(event.body()))


def test_what_is_told_of_webhooks_has_the_shape_that_the_document_says(made):
    with a_world() as world:
        mail = Mail(world, URL, OTHER)
        webhook, _ = mail.endpoint()
        other, _ = mail.endpoint(OTHER)
        mail.receiver.answer = Answer(410)
        for one in (webhook, other):
            webhooks.test(mail.deps, caller=ADMIN, webhook_id=one.id)
        mail.settle()
        mail.settle()
        bodies = [json.loads(body) for _, body in mail.at[OTHER].calls]
    assert {body["type"] for body in bodies} == {"webhook.test", "webhook.disabled"}
    assert all(is_as_told(made, body) for body in bodies)


def test_the_document_has_every_event_and_every_header(made):
    assert set(made["webhooks"]) == {kind.value for kind in EventType}
    sent = headers(["whsec_AAAA"], message="evt_1", timestamp=1, body=b"{}")
    for hook in made["webhooks"].values():
        assert {one["name"] for one in hook["post"]["parameters"]} == sent.keys()
