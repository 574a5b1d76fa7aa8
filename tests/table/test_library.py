"""Films and files as lists show them, as people change them, and as they go."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from reelsmith.domain.access import Access
from reelsmith.domain.assets import AssetStatus, FileType
from reelsmith.domain.ids import Kind
from reelsmith.domain.lists import AssetFilter, VideoFilter
from reelsmith.errors import Conflict, KeyReused, NotFound
from reelsmith.table import paging
from reelsmith.table.paging import MOST_LOOKS
from tests.builders import EPOCH, OWNER, TENANT, a_user, a_video, an_asset, an_entry, an_id
from tests.homes import moved_in
from tests.table.metering import Meter
from tests.table.steps import a_film, a_request, history, kept, moved, started


@pytest.fixture
def videos(table):
    return table.repositories.videos


def filmed(table, *, owner=OWNER, **changes):
    """A film of a job of this owner, changed by hand where a test asks for it."""
    jobs, videos = table.repositories.jobs, table.repositories.videos
    job = started(jobs, owner=owner)
    done, video = a_film(job)
    video = video.model_copy(update={"owner": owner})
    moved(jobs, job, done, video=video)
    if not changes:
        return video
    return videos.change(video, video.model_copy(update=changes), entry=an_entry())


def everything(_):
    return True


def walked(page_of, wanted, *, sees=everything, limit=2):
    """All things of a list, and how many pages it took."""
    found, after, pages = [], None, 0
    while True:
        page = page_of(TENANT, wanted, sees=sees, after=after, limit=limit)
        found, after, pages = [*found, *page.things], page.after, pages + 1
        if not after:
            return [thing.id for thing in found], pages


def test_a_walk_through_the_films_shows_each_once_newest_first(table, videos):
    made = [filmed(table).id for _ in range(5)]

    assert walked(videos.page, VideoFilter()) == (made[::-1], 3)
    assert walked(videos.page, VideoFilter(owner=OWNER)) == (made[::-1], 3)


def test_films_are_found_by_owner_access_and_time(table, videos):
    bea = moved_in(table.repositories, a_user(id=an_id(Kind.USER))).id
    mine, open_, hers = (
        filmed(table),
        filmed(table, access=Access.PUBLIC),
        filmed(table, owner=bea),
    )

    assert walked(videos.page, VideoFilter(owner=bea))[0] == [hers.id]
    assert walked(videos.page, VideoFilter(access=Access.PUBLIC))[0] == [open_.id]
    assert walked(videos.page, VideoFilter(created_before=EPOCH))[0] == []
    later = VideoFilter(owner=OWNER, created_after=EPOCH)
    assert walked(videos.page, later)[0] == [open_.id, mine.id]


def test_a_page_looks_at_a_bounded_number_of_rows_and_says_where_to_go_on():
    rows = [(str(n), n) for n in range(1000)]
    reads = []

    def read(after, most):
        start = int(after) + 1 if after else 0
        reads.append(most)
        return rows[start : start + most]

    page = paging.page(read, lambda n: n == 999, after=None, limit=50)

    assert (page.things, page.after) == ((), str(MOST_LOOKS - 1))
    assert sum(reads) <= MOST_LOOKS + len(reads)


def test_a_film_that_was_changed_meanwhile_is_not_overwritten(table, videos):
    video = filmed(table)
    videos.change(video, video.model_copy(update={"title": "Winter"}), entry=an_entry())

    with pytest.raises(Conflict):
        videos.change(video, video.model_copy(update={"title": "Spring"}), entry=an_entry())
    assert (videos.get(TENANT, video.id).title, videos.get(TENANT, video.id).version) == (
        "Winter",
        2,
    )


def test_of_many_writers_who_read_the_same_one_wins(table, videos):
    video = filmed(table)

    def write(number):
        try:
            now = video.model_copy(update={"title": f"Title {number}"})
            return videos.change(video, now, entry=an_entry(resource=video.id)).title
        except Conflict:
            return None

    with ThreadPoolExecutor(8) as writers:
        won = [title for title in writers.map(write, range(8)) if title]

    stored = videos.get(TENANT, video.id)
    assert won == [stored.title]
    assert stored.version == 2
    assert len(history(table, video.id)) == 1


def test_a_film_that_is_removed_is_in_no_list_and_its_files_wait_for_deletion(table, videos):
    video = filmed(table)
    for _ in range(2):
        videos.remove(video, entry=an_entry(action="video.deleted", resource=video.id))

    with pytest.raises(NotFound):
        videos.get(TENANT, video.id)
    with pytest.raises(NotFound):
        videos.change(video, video, entry=an_entry())
    assert walked(videos.page, VideoFilter(owner=OWNER))[0] == []
    assert not [i for i in table.items() if i["SK"] == video.id and i.get("et") == "owned"]
    assert history(table, video.id) == ["video.deleted"]
    (left,) = table.repositories.erasure.leftovers(EPOCH, limit=9)
    assert video.key.startswith(left.prefix)
    assert left.tenant == TENANT


def test_files_are_found_by_the_beginning_of_their_names_in_whatever_case(assets):
    beach = kept(assets, original_filename="Strand.jpg")
    film = kept(
        assets,
        original_filename="strandfest.mp4",
        content_type="video/mp4",
        file_type=FileType.VIDEO,
    )
    kept(assets, original_filename="Berg.jpg")

    named = AssetFilter(name="STRAND")
    assert walked(assets.page, named, limit=1) == ([beach.id, film.id], 2)
    only = AssetFilter(name="strand", file_type=FileType.VIDEO)
    assert walked(assets.page, only)[0] == [film.id]
    assert walked(assets.page, AssetFilter(name="x"))[0] == []


def test_files_of_one_type_come_by_name_over_many_pages(assets):
    made = {name: kept(assets, original_filename=name).id for name in ("c", "a", "e", "b", "d")}

    found, pages = walked(assets.page, AssetFilter(file_type=FileType.IMAGE))

    assert found == [made[name] for name in "abcde"]
    assert pages == 3


def test_files_are_found_by_owner_status_and_time(table, assets):
    bea = moved_in(table.repositories, a_user(id=an_id(Kind.USER))).id
    hers = kept(assets, owner=bea)
    waiting = an_asset()
    assets.add(waiting, entry=an_entry(resource=waiting.id))

    assert walked(assets.page, AssetFilter(owner=bea))[0] == [hers.id]
    assert walked(assets.page, AssetFilter(status=AssetStatus.WAITING))[0] == [waiting.id]
    past = AssetFilter(created_before=EPOCH - timedelta(days=1))
    assert walked(assets.page, past)[0] == []
    assert walked(assets.page, AssetFilter(), sees=lambda one: one.owner == bea)[0] == [hers.id]


def test_a_file_is_renamed_while_its_bytes_arrive(assets):
    waiting = assets.add(an_asset(original_filename="a.jpg"), entry=an_entry())
    ready = kept(assets, waiting)

    now = waiting.model_copy(update={"original_filename": "b.jpg"})
    assets.change(waiting, now, entry=an_entry())

    stored = assets.get(TENANT, waiting.id)
    assert (stored.original_filename, stored.status, stored.version) == ("b.jpg", ready.status, 2)
    assert walked(assets.page, AssetFilter(name="b"))[0] == [waiting.id]
    assert walked(assets.page, AssetFilter(name="a"))[0] == []
    with pytest.raises(Conflict):
        assets.change(waiting, now, entry=an_entry())


def test_the_same_key_gives_the_same_upload(assets):
    first = assets.add(an_asset(), entry=an_entry(), idempotency=a_request())
    again = assets.add(an_asset(), entry=an_entry(), idempotency=a_request())

    assert again == first == assets.replay(TENANT, a_request())
    with pytest.raises(KeyReused):
        assets.add(an_asset(), entry=an_entry(), idempotency=a_request(fingerprint="0" * 64))


def test_no_film_of_another_tenant_is_ever_found(table, videos):
    video = filmed(table)
    elsewhere = an_id(Kind.TENANT)

    assert videos.page(elsewhere, VideoFilter(), sees=everything, after=None, limit=9).things == ()
    with pytest.raises(NotFound):
        videos.get(elsewhere, video.id)
    with pytest.raises(NotFound):
        videos.change(video.model_copy(update={"tenant": elsewhere}), a_video(), entry=an_entry())


def test_what_the_library_costs(table, videos):
    """Units of DynamoDB: a page by owner reads the pointers, then each film by itself."""
    video = filmed(table)
    for _ in range(9):
        filmed(table)
    meter = table.database.hook = Meter(table.database)
    videos.page(TENANT, VideoFilter(owner=OWNER), sees=everything, after=None, limit=50)
    assert meter.reads == 11

    meter = table.database.hook = Meter(table.database)
    videos.page(TENANT, VideoFilter(), sees=everything, after=None, limit=50)
    assert meter.reads == 2

    meter = table.database.hook = Meter(table.database)
    videos.change(video, video.model_copy(update={"title": "x"}), entry=an_entry())
    changed = (meter.writes, meter.reads)
    meter = table.database.hook = Meter(table.database)
    videos.remove(video, entry=an_entry())
    table.database.hook = None
    assert (changed, (meter.writes, meter.reads)) == ((6, 0), (13, 0))
