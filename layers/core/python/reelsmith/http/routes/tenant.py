"""The caller's tenant: /v1/tenant."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from reelsmith.domain.people import Tenant
from reelsmith.domain.quotas import Quota
from reelsmith.domain.rights import Act
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.preconditions import etag, expect
from reelsmith.http.views.usage import TenantChange, TenantView
from reelsmith.ports import Deps
from reelsmith.usecases import tenants


def register(doors: Doors, deps: Deps) -> None:
    """Add the routes of the tenant."""

    @doors.get(
        "/v1/tenant",
        Act.TENANT_READ,
        summary="My tenant, its limits and what is used of them",
        tags=["tenant"],
    )
    def read() -> Response[TenantView]:
        return _told(*tenants.read(deps, caller=caller(doors.app)))

    @doors.patch(
        "/v1/tenant", Act.TENANT_CHANGE, summary="Give my tenant another name", tags=["tenant"]
    )
    def change(body: TenantChange) -> Response[TenantView]:
        who = caller(doors.app)
        was, quotas = tenants.read(deps, caller=who)
        expect(doors.app, was)
        return _told(tenants.rename(deps, caller=who, was=was, name=body.name), quotas)


def _told(tenant: Tenant, quotas: tuple[Quota, ...]) -> Response[TenantView]:
    return Response(
        HTTPStatus.OK.value,
        content_type="application/json",
        body=TenantView.of(tenant, quotas),
        headers={"ETag": etag(tenant)},
    )
