"""Films and files that stand in a world, as if they had been made there."""

from reelsmith.domain.access import Access
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Role
from reelsmith.storage import keys
from tests.builders import OWNER, TENANT, a_caller, a_key, a_user, an_entry, an_id
from tests.homes import moved_in
from tests.table.steps import a_film, kept, moved, started


def a_neighbour(world, *, role=Role.USER, tenant=TENANT):
    """The caller of another user of the tenant, with a key of its own."""
    user = moved_in(
        world.table.repositories, a_user(id=an_id(Kind.USER), tenant=tenant, role=role)
    )
    key = a_key(tenant=tenant, owner=user.id, role=role)
    world.deps.credentials.add_key(key, entry=an_entry(tenant=tenant))
    return a_caller(tenant=tenant, owner=user.id, role=role, key_id=key.id)


def a_shelved_film(world, *, owner=OWNER, access=Access.PRIVATE, drop=None, **changes):
    """A film of a completed job, with its bytes in the store."""
    job = started(world.deps.jobs, owner=owner, drop=drop)
    done, video = a_film(job)
    video = video.model_copy(
        update={"owner": owner, "access": access, "key": keys.film(TENANT, video.id)} | changes
    )
    moved(world.deps.jobs, job, done, video=video)
    world.deps.store.write(b"film", video.key, content_type="video/mp4")
    return video


def a_shelved_file(world, **changes):
    """A file that is ready, with its bytes in the store."""
    asset = kept(world.deps.assets, **changes)
    world.deps.store.write(b"file", asset.key, content_type=asset.content_type)
    return asset
