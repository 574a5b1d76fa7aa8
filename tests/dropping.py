"""A drop folder in a test's world: files and their events, and what stands in the boxes."""

import json

from reelsmith.storage import keys
from reelsmith.workflow import arrivals
from tests.builders import TENANT

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
WORDS = b"text_prompt: Compra ya.\ntitle: Oferta"


def put(world, file, body, *, name="summer", tenant=TENANT):
    """Drop a file and give the message that its event makes."""
    key = keys.drop(tenant, "in", name, file)
    stored = world.deps.store.write(body, key, content_type="application/octet-stream")
    found = {"key": key, "version-id": stored.version, "sequencer": f"{stored.version}"}
    event = {"detail-type": "Object Created", "source": "aws.s3", "detail": {"object": found}}
    return a_message(json.dumps(event), name=file)


def a_message(body, *, name="1", tries=1):
    """A message as Lambda hands it over."""
    told = {"ApproximateReceiveCount": str(tries)}
    return {"messageId": name, "receiptHandle": name, "body": body, "attributes": told}


def again(message, tries):
    """The same message when it comes for the time that `tries` says."""
    return a_message(message["body"], name=message["messageId"], tries=tries)


def deliver(world, *messages):
    return arrivals.handle(world.deps, {"Records": list(messages)})


def the_jobs(world):
    page = world.deps.jobs.page(TENANT, after=None, limit=10)
    return page.jobs


def box(world, name, folder="summer"):
    """Names of the files in a box of a set."""
    prefix = keys.drop(TENANT, name, folder)
    return {found.key.removeprefix(prefix) for found in world.deps.store.list(prefix)}


def receipt(world, folder="summer", *, kind="failed/error.json"):
    """A receipt, by its box and name."""
    where, _, file = kind.partition("/")
    return json.loads(world.deps.store.read(keys.drop(TENANT, where, folder, file)))
