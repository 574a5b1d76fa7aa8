"""A webhook on the running stage: from the API by courier and sender to a host of ours."""

import hashlib
import hmac
import json
import threading
import time
from base64 import b64decode, b64encode
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.stage.test_fetching import told

pytestmark = pytest.mark.stage


@contextmanager
def a_receiver():
    """Where it is, and what came: headers and bodies."""
    came = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            came.append(({name.lower(): text for name, text in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}", came
    finally:
        server.shutdown()
        server.server_close()


def test_a_test_event_arrives_signed_and_stands_in_the_log(stage):
    with a_receiver() as (place, came), told(stage, fetch_plain=place):
        webhook = stage.api.ask("POST", "/v1/webhooks", {"url": f"http://{place}/hook"})
        path = f"/v1/webhooks/{webhook['id']}"
        event = stage.api.ask("POST", f"{path}/test")
        until = time.monotonic() + 60
        while not came and time.monotonic() < until:
            time.sleep(0.5)
        (headers, body), *_ = came
        log = stage.api.ask("GET", "/v1/events?types=webhook.test")
        stage.api.ask("DELETE", path)

    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = b64decode(webhook["secret"].removeprefix("whsec_"))
    wanted = b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-id"] == event["id"]
    assert headers["webhook-signature"] == f"v1,{wanted}"
    assert json.loads(body)["type"] == "webhook.test"
    assert event["id"] in [one["id"] for one in log["data"]]
