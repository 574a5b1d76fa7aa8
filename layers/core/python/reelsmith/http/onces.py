"""The Idempotency-Key of a request, as in draft-ietf-httpapi-idempotency-key-header-07.

A route that creates something takes the header, hands `once(app, key)` to its use-case, and says
by `replay_header` whether the thing was made now or before:

    def create(body: NewThing, idempotency_key: IdempotencyKey = None) -> Response[ThingView]:
        made = things.add(deps, caller=..., once=once(doors.app, idempotency_key))
        return Response(201, body=ThingView.of(made.thing), headers=replay_header(made))
"""

import hashlib
import json
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.params import Header

from reelsmith.errors import Invalid
from reelsmith.ports import Made
from reelsmith.usecases.once import Once

REPLAYED = "Idempotency-Replayed"

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=200,
        description="For 24 hours the same key and request get the first answer again.",
    ),
]


def once(app: APIGatewayHttpResolver, idempotency_key: str | None) -> Once | None:
    """The key, bare or in the quotes of the draft, bound to method, path and body.

    The body counts as JSON: neither spaces nor the order of its fields matter.

    Raises:
        Invalid: the header is there and empty.
    """
    if idempotency_key is None:
        return None
    key = idempotency_key.strip().strip('"')
    if not key:
        raise Invalid.field(
            "Idempotency-Key",
            "the header is empty",
            remedy="send a key of 1 to 200 characters, or leave the header out",
        )
    event = app.current_event
    said = f"{event.http_method} {event.path} {_canonical(event.decoded_body)}"
    return Once(key=key, fingerprint=hashlib.sha256(said.encode()).hexdigest())


def replay_header(made: Made[Any]) -> dict[str, str]:
    """Whether the answer is that of an earlier request with the same key."""
    return {REPLAYED: str(made.replayed).lower()}


def _canonical(body: str | None) -> str:
    try:
        return json.dumps(json.loads(body or "null"), sort_keys=True)
    except ValueError:  # a body that the route did not ask for
        return ascii(body)
