"""Files that were uploaded: /v1/assets."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from reelsmith.domain.access import Access
from reelsmith.domain.assets import Asset, AssetStatus, FileType
from reelsmith.domain.lists import AssetFilter
from reelsmith.domain.rights import Act
from reelsmith.http import preconditions
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.pages import Opened, OwnerOf, Place
from reelsmith.http.queries import CreatedAfter, CreatedBefore, Limit
from reelsmith.http.routes.videos import to
from reelsmith.http.views.assets import AssetChange, AssetHead, AssetPage, AssetView
from reelsmith.ports import Deps
from reelsmith.usecases import assets, links, uploads
from reelsmith.usecases.library import PAGE_DEFAULT

Name = Annotated[
    str | None,
    Query(min_length=1, max_length=100, description="how file names begin, in whatever case"),
]
LongCursor = Annotated[  # a place in the order of names holds a name
    str | None,
    Query(max_length=1_000, description="`next_cursor` of the page before, with the same filter"),
]


def register(doors: Doors, deps: Deps) -> None:
    """Add the asset routes."""
    _list(doors, deps)
    _looks(doors, deps)
    _changes(doors, deps)


def _list(doors: Doors, deps: Deps) -> None:
    @doors.get(
        "/v1/assets",
        Act.ASSETS_READ,
        summary="Files, newest first, or by type and name when looked for by these",
        tags=["assets"],
    )
    def page(
        *,
        name: Name = None,
        file_type: Annotated[FileType | None, Query(alias="type")] = None,
        status: Annotated[AssetStatus | None, Query()] = None,
        owner: OwnerOf = None,
        opened: Opened = False,
        access: Annotated[Access | None, Query()] = None,
        created_after: CreatedAfter = None,
        created_before: CreatedBefore = None,
        limit: Limit = PAGE_DEFAULT,
        cursor: LongCursor = None,
    ) -> AssetPage:
        who = caller(doors.app)
        wanted = AssetFilter(
            name=name,
            file_type=file_type,
            status=status,
            owner=owner,
            access=access,
            created_after=created_after,
            created_before=created_before,
        )
        place = Place(deps, who, "assets", wanted, str(opened))
        found = assets.page(
            deps,
            caller=who,
            wanted=wanted,
            opened=opened,
            after=place.after(cursor),
            limit=limit,
        )
        shown = tuple(AssetHead.of(asset) for asset in found.things)
        return AssetPage.model_validate({"data": shown} | place.ends(found.after))


def _looks(doors: Doors, deps: Deps) -> None:
    @doors.get("/v1/assets/<asset_id>", Act.ASSETS_READ, summary="A file", tags=["assets"])
    def read(asset_id: str) -> Response[AssetView]:
        return _shown(deps, uploads.read(deps, caller=caller(doors.app), asset_id=asset_id))

    @doors.get(
        "/v1/assets/<asset_id>/content",
        Act.ASSETS_READ,
        summary="The file itself, by a redirect to a URL that ends in 15 minutes",
        tags=["assets"],
        status_code=HTTPStatus.FOUND,
    )
    def content(asset_id: str) -> Response[None]:
        asset = assets.look(deps, caller=caller(doors.app), asset_id=asset_id)
        return to(assets.content(deps, asset).url)


def _changes(doors: Doors, deps: Deps) -> None:
    @doors.patch(
        "/v1/assets/<asset_id>",
        Act.ASSETS_CHANGE,
        summary="Rename a file, open or close it to others",
        tags=["assets"],
    )
    def change(asset_id: str, body: AssetChange) -> Response[AssetView]:
        who = caller(doors.app)
        was = assets.look(deps, caller=who, asset_id=asset_id, act=Act.ASSETS_CHANGE)
        preconditions.expect(doors.app, was)
        now = assets.change(deps, caller=who, was=was, wanted=body.wanted())
        return _shown(deps, now)

    @doors.delete(
        "/v1/assets/<asset_id>",
        Act.ASSETS_DELETE,
        summary="Take a file away, unless unfinished jobs need it",
        tags=["assets"],
        status_code=HTTPStatus.NO_CONTENT,
    )
    def remove(asset_id: str) -> Response[None]:
        assets.remove(deps, caller=caller(doors.app), asset_id=asset_id)
        return Response(HTTPStatus.NO_CONTENT.value)


def _shown(deps: Deps, asset: Asset) -> Response[AssetView]:
    return Response(
        HTTPStatus.OK.value,
        content_type="application/json",
        body=AssetView.whole(asset, links.public_path(deps, asset)),
        headers={"ETag": preconditions.etag(asset)},
    )
