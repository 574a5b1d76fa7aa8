"""Links to films and files, and what their holders see: /v1/shared, open to everybody."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from reelsmith.domain.assets import Asset
from reelsmith.domain.ids import Kind
from reelsmith.domain.rights import Act
from reelsmith.errors import NotFound
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.onces import IdempotencyKey, once, replay_header
from reelsmith.http.routes.videos import to
from reelsmith.http.views.shares import NewShare, SharedView, ShareList, ShareView
from reelsmith.ports import Address, Deps
from reelsmith.text import hls
from reelsmith.usecases import assets, links, shares, videos
from reelsmith.usecases.library import Thing

_PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


def register(doors: Doors, deps: Deps) -> None:
    """Add the routes of links."""
    _of_videos(doors, deps)
    _of_assets(doors, deps)
    _revoking(doors, deps)
    _opened(doors, deps)


def _of_videos(doors: Doors, deps: Deps) -> None:
    @doors.post(
        "/v1/videos/<video_id>/shares",
        Act.SHARES_CREATE,
        summary="Make a link to a film",
        tags=["shares"],
        status_code=HTTPStatus.CREATED,
    )
    def share(
        video_id: str, body: NewShare, idempotency_key: IdempotencyKey = None
    ) -> Response[ShareView]:
        return _made(doors, deps, Kind.VIDEO, video_id, body=body, key=idempotency_key)

    @doors.get(
        "/v1/videos/<video_id>/shares",
        Act.SHARES_READ,
        summary="The links to a film",
        tags=["shares"],
        operation_id="videos_shares",
    )
    def of_film(video_id: str) -> ShareList:
        return _every(doors, deps, Kind.VIDEO, video_id)


def _of_assets(doors: Doors, deps: Deps) -> None:
    @doors.post(
        "/v1/assets/<asset_id>/shares",
        Act.SHARES_CREATE,
        summary="Make a link to a file",
        tags=["shares"],
        status_code=HTTPStatus.CREATED,
    )
    def share(
        asset_id: str, body: NewShare, idempotency_key: IdempotencyKey = None
    ) -> Response[ShareView]:
        return _made(doors, deps, Kind.ASSET, asset_id, body=body, key=idempotency_key)

    @doors.get(
        "/v1/assets/<asset_id>/shares",
        Act.SHARES_READ,
        summary="The links to a file",
        tags=["shares"],
        operation_id="assets_shares",
    )
    def of_file(asset_id: str) -> ShareList:
        return _every(doors, deps, Kind.ASSET, asset_id)


def _made(
    doors: Doors, deps: Deps, kind: Kind, resource: str, *, body: NewShare, key: str | None
) -> Response[ShareView]:
    _see_that_it_is(kind, resource)
    made = shares.create(
        deps,
        caller=caller(doors.app),
        resource=resource,
        expires_in_s=body.expires_in_s,
        once=once(doors.app, key),
    )
    return Response(
        HTTPStatus.CREATED.value,
        content_type="application/json",
        body=ShareView.of(made.thing),
        headers=_PRIVATE | replay_header(made),
    )


def _every(doors: Doors, deps: Deps, kind: Kind, resource: str) -> ShareList:
    _see_that_it_is(kind, resource)
    found = shares.listed(deps, caller=caller(doors.app), resource=resource)
    return ShareList(data=tuple(ShareView.of(one) for one in found))


def _see_that_it_is(kind: Kind, resource: str) -> None:
    if not resource.startswith(f"{kind}_"):
        raise NotFound(f"no such thing: {resource[:60]}")


def _revoking(doors: Doors, deps: Deps) -> None:
    @doors.delete(
        "/v1/shares/<share_id>",
        Act.SHARES_REVOKE,
        summary="End a link, at once",
        tags=["shares"],
        status_code=HTTPStatus.NO_CONTENT,
    )
    def revoke(share_id: str) -> Response[None]:
        shares.revoke(deps, caller=caller(doors.app), share_id=share_id)
        return Response(HTTPStatus.NO_CONTENT.value)


def _opened(doors: Doors, deps: Deps) -> None:
    @doors.get("/v1/shared/<token>", None, summary="What a link shows", tags=["shares"])
    def look(token: str) -> Response[SharedView]:
        thing = shares.opened(deps, token=token)
        found = _address(deps, thing)
        view = SharedView.of(
            thing,
            download_url=found.url,
            expires_at=found.expires_at,
            path=f"{links.PATH}{token}",
        )
        return Response(
            HTTPStatus.OK.value, content_type="application/json", body=view, headers=_PRIVATE
        )

    @doors.get(
        "/v1/shared/<token>/content",
        None,
        summary="The film or file behind a link, by a redirect",
        tags=["shares"],
        status_code=HTTPStatus.FOUND,
    )
    def content(token: str) -> Response[None]:
        return to(_address(deps, shares.opened(deps, token=token)).url)

    @doors.get(
        "/v1/shared/<token>/playlist.m3u8",
        None,
        summary="The film behind a link, to stream by HLS",
        tags=["shares"],
    )
    def playlist(token: str) -> Response[str]:
        thing = shares.opened(deps, token=token)
        if isinstance(thing, Asset):
            raise NotFound("no such link")
        made = videos.playlist(deps, thing)
        return Response(
            HTTPStatus.OK.value, content_type=hls.CONTENT_TYPE, body=made, headers=_PRIVATE
        )


def _address(deps: Deps, thing: Thing) -> Address:
    return assets.content(deps, thing) if isinstance(thing, Asset) else videos.content(deps, thing)
