"""Deletions of any size, and exports before them."""

from http import HTTPStatus
from typing import Annotated, TypeVar

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from reelsmith.domain.rights import Act
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.onces import IdempotencyKey, once, replay_header
from reelsmith.http.views.erasing import ErasureView, ExportView, TenantErasure, UserErasure
from reelsmith.ports import Deps
from reelsmith.usecases import erasing, exporting

View = TypeVar("View", ErasureView, ExportView)


def register(doors: Doors, deps: Deps) -> None:
    """Add the routes that delete jobs, users and tenants, and those of exports."""
    _deletions(doors, deps)
    _exports(doors, deps)


def _deletions(doors: Doors, deps: Deps) -> None:
    @doors.delete(
        "/v1/jobs/<job_id>",
        Act.JOBS_DELETE,
        summary="Delete a finished job with its history",
        tags=["jobs"],
        status_code=HTTPStatus.NO_CONTENT.value,
    )
    def remove(
        job_id: str,
        film: Annotated[bool, Query(description="its video goes with it")] = False,
    ) -> Response[None]:
        erasing.delete_job(deps, caller=caller(doors.app), job_id=job_id, film=film)
        return Response(HTTPStatus.NO_CONTENT.value)

    @doors.post(
        "/v1/users/<user_id>/erase",
        Act.USERS_DELETE,
        summary="Erase a user and all that it owns, for good",
        tags=["users"],
        status_code=HTTPStatus.ACCEPTED.value,
    )
    def erase(user_id: str, body: UserErasure) -> Response[ErasureView]:
        user = erasing.erase_user(
            deps, caller=caller(doors.app), user_id=user_id, confirm=body.confirm
        )
        return _accepted(ErasureView(id=user.id, erasing_since=user.erasing_at))

    @doors.delete(
        "/v1/tenant",
        Act.TENANT_DELETE,
        summary="Erase my tenant and all that is in it, for good",
        tags=["tenant"],
        operation_id="tenant_erase",
        status_code=HTTPStatus.ACCEPTED.value,
    )
    def erase_tenant(body: TenantErasure) -> Response[ErasureView]:
        tenant = erasing.erase_tenant(deps, caller=caller(doors.app), confirm=body.confirm)
        return _accepted(ErasureView(id=tenant.id, erasing_since=tenant.erasing_at))


def _exports(doors: Doors, deps: Deps) -> None:
    def ordered(user_id: str, key: str | None) -> Response[ExportView]:
        who = caller(doors.app)
        made = exporting.order(deps, caller=who, user_id=user_id, once=once(doors.app, key))
        seen = ExportView.of(exporting.read(deps, caller=who, export_id=made.thing.id))
        place = {"Location": f"/v1/exports/{made.thing.id}"}
        return _accepted(seen, **place, **replay_header(made))

    @doors.post(
        "/v1/users/<user_id>/export",
        Act.USERS_EXPORT,
        summary="Export all that is stored of a user",
        tags=["users"],
        status_code=HTTPStatus.ACCEPTED.value,
    )
    def export(user_id: str, idempotency_key: IdempotencyKey = None) -> Response[ExportView]:
        return ordered(user_id, idempotency_key)

    @doors.post(
        "/v1/me/export",
        Act.USERS_EXPORT,
        summary="Export all that is stored of me",
        tags=["me"],
        operation_id="me_export",
        status_code=HTTPStatus.ACCEPTED.value,
    )
    def export_me(idempotency_key: IdempotencyKey = None) -> Response[ExportView]:
        return ordered(caller(doors.app).owner, idempotency_key)

    @doors.get(
        "/v1/exports/<export_id>",
        Act.USERS_EXPORT,
        summary="An export, and URLs of its files once it is written",
        tags=["users"],
    )
    def read(export_id: str) -> ExportView:
        return ExportView.of(exporting.read(deps, caller=caller(doors.app), export_id=export_id))


def _accepted(body: View, **head: str) -> Response[View]:
    return Response(
        HTTPStatus.ACCEPTED.value, content_type="application/json", body=body, headers=head
    )
