"""Nothing that a caller keeps to itself is in the logs: words planted in requests are looked for.

The run signs in, asks for films, sends files, and fails in every way.
"""

import io
import logging

import pytest

from reelsmith.domain.people import Role
from reelsmith.http import authorizer
from reelsmith.telemetry import log
from tests.builders import EPOCH, TENANT
from tests.calling import NOBODY, Api
from tests.security.rooms import a_person
from tests.world import a_world

CANARY = {
    "password": "canary-of-a-password-1",
    "wrong password": "canary-of-a-password-2",
    "mail": "canary-of-a-mail@example.com",
    "prompt": "Canary of a prompt.",
    "title": "Canary of a title",
    "file": "canary-of-a-file.png",
    "query": "canary-of-a-query",
    "idempotency key": "canary-of-a-key",
    "name": "canary-of-a-name",
}
SMALL = {"resolution": {"width": 128, "height": 128}, "quality": "draft", "voice": None}
AD = {"title": CANARY["title"], "text_prompt": CANARY["prompt"], "language": "en"} | SMALL


class Told:
    """All that was logged: records as they are formatted, and lines of metrics."""

    def __init__(self, capsys):
        self._capsys, self._records = capsys, io.StringIO()
        self.handler = logging.StreamHandler(self._records)
        self.handler.setFormatter(log.registered_formatter)

    def text(self):
        return self._records.getvalue() + "".join(self._capsys.readouterr())


@pytest.fixture
def told(capsys):
    listening = Told(capsys)
    log.addHandler(listening.handler)
    yield listening
    log._logger.removeHandler(listening.handler)


@pytest.fixture
def world():
    with a_world() as made:
        yield made


def people_sign_in(world, api):
    """The secrets that were given out."""
    admin = a_person(world, Role.ADMIN, tenant=TENANT)
    newcomer = {
        "username": CANARY["name"],
        "email": CANARY["mail"],
        "password": CANARY["password"],
    }
    assert api("POST", "/v1/users", newcomer, who=admin)[0] == 201
    assert api("POST", "/v1/users", newcomer, who=admin)[0] == 409
    wrong = {"username": CANARY["name"], "password": CANARY["wrong password"]}
    assert api("POST", "/v1/sessions", wrong, who=NOBODY)[0] == 401
    right = wrong | {"password": CANARY["password"]}
    status, signed_in, _ = api("POST", "/v1/sessions", right, who=NOBODY)
    assert status == 201
    old = {"refresh_token": signed_in["refresh_token"]}
    assert api("POST", "/v1/sessions/refresh", old, who=NOBODY)[0] == 200
    world.later(minutes=10)
    assert api("POST", "/v1/sessions/refresh", old, who=NOBODY)[0] == 401
    token = api("POST", "/v1/keys", {}, who=admin)[1]["token"]
    for credential in (token, token[:-1] + "x", signed_in["access_token"]):
        authorizer.answer(world.deps, {"headers": {"Authorization": f"Bearer {credential}"}})
    return [token, signed_in["access_token"], signed_in["refresh_token"]]


def films_are_asked_for(world, api):
    key = {"idempotency-key": CANARY["idempotency key"]}
    assert api("POST", "/v1/jobs", AD, headers=key)[0] == 202
    assert api("POST", "/v1/jobs", AD | {"title": "Other"}, headers=key)[0] == 422
    assert api("POST", "/v1/jobs", AD | {CANARY["prompt"]: 1})[0] == 422
    assert api("POST", "/v1/jobs", AD | {"images": [CANARY["query"]]})[0] == 422
    assert api("POST", "/v1/jobs", f'{{"title": "{CANARY["title"]}"')[0] == 400
    assert api("GET", "/v1/jobs", query={"cursor": CANARY["query"]})[0] == 422
    assert api("GET", f"/v1/jobs/{CANARY['query']}")[0] == 404
    assert api("GET", f"/v1/{CANARY['query']}")[0] == 404


def files_are_sent(world, api):
    upload = {"filename": CANARY["file"], "content_type": "image/png", "size_bytes": 9}
    assert api("POST", "/v1/uploads", upload | {"sha256": "a" * 64})[0] == 201
    assert api("POST", "/v1/uploads", upload | {"sha256": CANARY["query"]})[0] == 422
    for host in ("example.com", "127.0.0.1"):
        url = f"https://{host}/a.png?token={CANARY['query']}"
        assert api("POST", "/v1/uploads/by-url", {"source_url": url})[0] < 500


def test_no_secret_and_no_word_of_a_caller_is_in_the_logs(world, told, monkeypatch):
    api = Api(world.deps)
    secrets = people_sign_in(world, api)
    films_are_asked_for(world, api)
    files_are_sent(world, api)

    def breaks(*_, **__):
        raise ValueError(f"nobody foresaw {CANARY['prompt']}")

    with monkeypatch.context() as broken:
        broken.setattr("reelsmith.usecases.looking.page", breaks)
        assert api("GET", "/v1/jobs")[0] == 500

    text = told.text()

    assert "unforeseen error" in text
    assert '"JobsCreated"' in text
    assert [name for name, said in CANARY.items() if said in text] == []
    assert not [secret for secret in secrets if secret in text or secret[-20:] in text]


def test_the_canaries_would_be_heard(told):
    log.warning("somebody logs", extra={"prompt": CANARY["prompt"], "at": EPOCH.isoformat()})
    assert CANARY["prompt"] in told.text()
