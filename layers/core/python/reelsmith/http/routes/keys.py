"""API keys: /v1/keys."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from reelsmith.domain.rights import Act
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.onces import IdempotencyKey, once, replay_header
from reelsmith.http.views.keys import IssuedView, KeyList, KeyView, NewKey, Rotation
from reelsmith.ports import Deps, Made
from reelsmith.usecases import keys
from reelsmith.usecases.keys import Issued


def register(doors: Doors, deps: Deps) -> None:
    """Add the routes of keys."""

    @doors.post("/v1/keys", Act.KEYS_CREATE, summary="Issue a key", tags=["keys"], status_code=201)
    def issue(body: NewKey, idempotency_key: IdempotencyKey = None) -> Response[IssuedView]:
        made = keys.issue(
            deps,
            caller=caller(doors.app),
            wanted=body.wanted(),
            once=once(doors.app, idempotency_key),
        )
        return _told(made)

    @doors.get("/v1/keys", Act.KEYS_READ, summary="Keys, newest first", tags=["keys"])
    def page(owner: Annotated[str | None, Query(max_length=64)] = None) -> KeyList:
        found = keys.page(deps, caller=caller(doors.app), owner=owner)
        return KeyList(data=tuple(KeyView.of(key) for key in found))

    @doors.delete("/v1/keys/<key_id>", Act.KEYS_REVOKE, summary="End a key", tags=["keys"])
    def revoke(key_id: str) -> KeyView:
        return KeyView.of(keys.revoke(deps, caller=caller(doors.app), key_id=key_id))

    @doors.post(
        "/v1/keys/<key_id>/rotate",
        Act.KEYS_CREATE,
        summary="A new key like this one, which ends soon",
        tags=["keys"],
        status_code=201,
    )
    def rotate(
        key_id: str, body: Rotation, idempotency_key: IdempotencyKey = None
    ) -> Response[IssuedView]:
        made = keys.rotate(
            deps,
            caller=caller(doors.app),
            key_id=key_id,
            grace=body.grace,
            once=once(doors.app, idempotency_key),
        )
        return _told(made)


def _told(made: Made[Issued]) -> Response[IssuedView]:
    return Response(
        HTTPStatus.CREATED.value,
        content_type="application/json",
        body=IssuedView.issued(made.thing),
        headers={"Cache-Control": "no-store", **replay_header(made)},
    )
