"""A file that the stage fetches by itself: ordered over HTTP, brought by its own function."""

import hashlib
import http.server
import threading
import time
from contextlib import contextmanager

import pytest

from infra import names
from infra.local.synth import STAGE
from reelsmith.settings import PREFIX
from tests.pictures import a_picture

pytestmark = pytest.mark.stage

GOING_OUT = ("Api", "Fetch", "Deliver")


@contextmanager
def a_web_of(folder):
    """Files of a folder over plain http; gives its `host:port`."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *given):
            super().__init__(*given, directory=str(folder))

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def told(stage, **settings):
    """The functions that look at URLs run with these settings, and then without them again."""
    functions = stage.aws("lambda")
    stacks = stage.aws("cloudformation").get_paginator("list_stack_resources")
    made = [
        found
        for page in stacks.paginate(StackName=names.app_stack(STAGE))
        for found in page["StackResourceSummaries"]
    ]
    going_out = [
        found["PhysicalResourceId"]
        for found in made
        if found["ResourceType"] == "AWS::Lambda::Function"
        and found["LogicalResourceId"][:-8] in GOING_OUT
    ]
    assert len(going_out) == len(GOING_OUT)
    before = {}
    for name in going_out:
        before[name] = functions.get_function_configuration(FunctionName=name)["Environment"]
        more = {f"{PREFIX}{setting.upper()}": value for setting, value in settings.items()}
        functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": before[name]["Variables"] | more}
        )
    try:
        yield
    finally:
        for name, environment in before.items():
            functions.update_function_configuration(
                FunctionName=name, Environment={"Variables": environment["Variables"]}
            )


def settled(stage, asset_id, within_s=60.0):
    until = time.monotonic() + within_s
    while (seen := stage.api.ask("GET", f"/v1/uploads/{asset_id}"))["status"] == "waiting":
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.2)
    return seen


def test_a_picture_at_a_url_becomes_an_upload_and_a_missing_one_a_reason(stage, tmp_path):
    (tmp_path / "beach.png").write_bytes(a_picture("teal"))
    with a_web_of(tmp_path) as place, told(stage, fetch_plain=place):
        asked = [
            stage.api.ask("POST", "/v1/uploads/by-url", {"source_url": f"http://{place}/{name}"})
            for name in ("beach.png", "gone.png")
        ]
        came, gone = (settled(stage, one["id"]) for one in asked)

    assert (came["status"], came["file_type"]) == ("ready", "image")
    assert came["sha256"] == hashlib.sha256((tmp_path / "beach.png").read_bytes()).hexdigest()
    assert (gone["status"], gone["refusal"]) == (
        "rejected",
        "it could not be fetched: its server answers with status 404",
    )


def test_an_ordinary_stage_goes_to_no_plain_address(stage):
    answer = stage.api.send("POST", "/v1/uploads/by-url", {"source_url": "http://127.0.0.1:80/"})
    assert answer.status == 422
    assert answer.json["errors"][0]["pointer"] == "/source_url"
