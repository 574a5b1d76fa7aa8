"""Who is asking, as the authorizer found out."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from reelsmith.domain.ids import Kind, is_id
from reelsmith.domain.people import Caller, Role
from reelsmith.errors import Unauthorized
from reelsmith.usecases.signin import Origin


def context_of(caller: Caller) -> dict[str, str]:
    """What the authorizer hands on of a caller: strings, as API Gateway wants them."""
    return {
        "tenant": caller.tenant,
        "owner": caller.owner,
        "role": caller.role.value,
        "key_id": caller.key_id,
        "session_id": caller.session_id,
        "scopes": " ".join(caller.scopes),
    }


def caller(app: APIGatewayHttpResolver) -> Caller:
    """The caller of the request in hand. Raises Unauthorized when there was no authorizer."""
    found, request = _found(app), app.current_event.request_context
    if "tenant" not in found:
        raise Unauthorized("send an API key: `Authorization: Bearer rsk_...`")
    return Caller.model_validate(
        {
            **found,
            "scopes": tuple(str(found.get("scopes", "")).split()),
            "request_id": request_id(app),
            "ip": request.http.source_ip or "",
            "user_agent": request.http.user_agent or "",
        }
    )


def is_known(app: APIGatewayHttpResolver) -> bool:
    """Whether an authorizer knew who sends the request in hand."""
    return "tenant" in _found(app)


def _found(app: APIGatewayHttpResolver) -> dict[str, Any]:
    """What our authorizer, or else the user pool's token, says of the caller."""
    authorizer = app.current_event.request_context.authorizer
    if not authorizer:
        return {}
    return authorizer.get_lambda or _of_user_pool(authorizer.jwt_claim or {})


def _of_user_pool(claims: dict[str, Any]) -> dict[str, str]:
    """The caller whom the id token of a user pool names; empty when it is none of ours.

    API Gateway has checked the token. The user's id is made of the pool's.
    """
    subject, role = str(claims.get("sub", "")), str(claims.get("custom:role", ""))
    owner = f"{Kind.USER}_{subject.replace('-', '')}"
    tenant = str(claims.get("custom:tenant", ""))
    ours = is_id(Kind.USER, owner) and is_id(Kind.TENANT, tenant) and role in set(Role)
    return {"tenant": tenant, "owner": owner, "role": role} if ours else {}


def origin(app: APIGatewayHttpResolver) -> Origin:
    """Where the request in hand came from, for routes that need no caller."""
    http = app.current_event.request_context.http
    return Origin(
        ip=http.source_ip or "", user_agent=http.user_agent or "", request_id=request_id(app)
    )


def request_id(app: APIGatewayHttpResolver) -> str:
    """The id of the request in hand, as API Gateway gave it."""
    return str(app.current_event.request_context.request_id or "")
