"""For every room of the API: how to make one thing of somebody, and how to ask for it.

A route whose thing has no maker here fails the test of rights.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from reelsmith.domain import tokens
from reelsmith.domain.access import Access, Share
from reelsmith.domain.assets import FileType
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Caller, Role
from reelsmith.domain.streams import Fragment, StreamFacts
from reelsmith.domain.tokens import Purpose
from reelsmith.http.examples import BODIES
from reelsmith.storage import keys
from reelsmith.usecases import exporting, identity, papers, sessions, users
from reelsmith.usecases.signin import Origin
from reelsmith.usecases.users import Newcomer
from tests.builders import (
    EPOCH,
    a_batch,
    a_delivery,
    a_key,
    a_user,
    a_webhook,
    an_asset,
    an_entry,
    an_id,
)
from tests.homes import moved_in
from tests.table.steps import a_film, arrived, ended, moved, started, submitted

PASSWORD = "correct horse battery staple"
_PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(100)


@dataclass
class Asked:
    """What is sent to a route for a thing: parts of its path, a body, a query."""

    path: dict[str, str] = field(default_factory=dict)
    body: Any = None
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def a_person(world, role: Role, *, tenant: str) -> Caller:
    """A user of a tenant with a key of its own."""
    user = moved_in(
        world.table.repositories, a_user(id=an_id(Kind.USER), tenant=tenant, role=role)
    )
    key = a_key(tenant=tenant, owner=user.id, role=role)
    world.deps.credentials.add_key(key, entry=an_entry(tenant=tenant))
    return Caller(tenant=tenant, owner=user.id, role=role, key_id=key.id)


def a_job_of(world, who: Caller, access: Access) -> str:
    return submitted(world.deps.jobs, tenant=who.tenant, owner=who.owner).id


def a_failed_job_of(world, who: Caller, access: Access) -> str:
    running = started(world.deps.jobs, tenant=who.tenant, owner=who.owner)
    return ended(world.deps.jobs, running).id


def a_video_of(world, who: Caller, access: Access) -> str:
    job = started(world.deps.jobs, tenant=who.tenant, owner=who.owner)
    done, video = a_film(job)
    video = video.model_copy(
        update={
            "owner": who.owner,
            "access": access,
            "key": keys.film(who.tenant, video.id),
            "beside": (papers.STREAM,),
        }
    )
    moved(world.deps.jobs, job, done, video=video)
    facts = StreamFacts(
        opening_bytes=9,
        size_bytes=99,
        fragments=(Fragment(first_byte=9, size_bytes=90, seconds=3),),
    )
    world.deps.store.write(
        facts.model_dump_json().encode(),
        keys.beside(video.key, papers.STREAM_FACTS),
        content_type="application/json",
    )
    return video.id


def an_asset_of(world, who: Caller, access: Access) -> str:
    waiting = _awaited(world, who, access)
    arrived(world.deps.assets, waiting)
    return waiting.id


def a_waiting_asset_of(world, who: Caller, access: Access) -> str:
    return _awaited(world, who, access).id


def _awaited(world, who: Caller, access: Access):
    asset = an_asset(tenant=who.tenant, owner=who.owner, access=access)
    waiting = world.deps.assets.add(asset, entry=an_entry(tenant=who.tenant, resource=asset.id))
    return getattr(waiting, "thing", waiting)


def a_user_of(world, who: Caller, access: Access) -> str:
    return who.owner


def a_key_of(world, who: Caller, access: Access) -> str:
    key = a_key(tenant=who.tenant, owner=who.owner, role=who.role)
    world.deps.credentials.add_key(key, entry=an_entry(tenant=who.tenant))
    return key.id


def a_share_of(world, who: Caller, access: Access) -> str:
    return _link(world, who, access)[0].id


def a_link_of(world, who: Caller, access: Access) -> str:
    return _link(world, who, access)[1]


def _link(world, who: Caller, access: Access) -> tuple[Share, str]:
    token = tokens.mint(
        Purpose.LINK, "test", who.tenant, sha256(an_id(Kind.EVENT).encode()).digest()
    )
    share = Share(
        id=token.id,
        tenant=who.tenant,
        owner=who.owner,
        resource=a_video_of(world, who, access),
        secret_hmac=tokens.seal(token.secret, world.deps.pepper()),
        created_at=EPOCH,
    )
    world.deps.shares.add(share, entry=an_entry(tenant=who.tenant, resource=share.id))
    return share, token.text


def an_export_of(world, who: Caller, access: Access) -> str:
    return exporting.order(world.deps, caller=who, user_id=who.owner).thing.id


def a_webhook_of(world, who: Caller, access: Access) -> str:
    webhook = a_webhook(tenant=who.tenant, owner=who.owner)
    entry = an_entry(tenant=who.tenant, resource=webhook.id)
    return world.deps.webhooks.add(webhook, entry=entry, idempotency=None).thing.id


def a_batch_of(world, who: Caller, access: Access) -> str:
    batch = a_batch(tenant=who.tenant, owner=who.owner)
    rows = "".join(
        f'{{"number": {n}, "title": "Ad", "spec": {{"text_prompt": "Hi"}}}}\n' for n in (0, 1)
    )
    key = keys.batch(who.tenant, batch.id, 0)
    world.deps.store.write(rows.encode(), key, content_type="application/x-ndjson")
    return world.deps.batches.add(batch, entry=an_entry(tenant=who.tenant)).thing.id


MAKERS = {
    "job_id": a_job_of,
    "a failed job": a_failed_job_of,
    "a waiting file": a_waiting_asset_of,
    "video_id": a_video_of,
    "asset_id": an_asset_of,
    "user_id": a_user_of,
    "key_id": a_key_of,
    "share_id": a_share_of,
    "token": a_link_of,
    "export_id": an_export_of,
    "batch_id": a_batch_of,
    "webhook_id": a_webhook_of,
}
"""By the name of the part of a path that says which thing is meant."""


def _some_jobs(world, who: Caller, thing: str) -> Asked:
    return Asked(body={"ids": [thing]})


def _a_deck(world, who: Caller, thing: str) -> Asked:
    opened = {"file_type": FileType.PPTX, "access": Access.AUTHENTICATED}
    deck = an_asset(tenant=who.tenant, owner=who.owner, **opened)
    world.deps.assets.add(deck, entry=an_entry(tenant=who.tenant, resource=deck.id))
    arrived(world.deps.assets, deck)
    return Asked(body=BODIES["presentations_create"] | {"deck": deck.id})


def _new_names(world, who: Caller, thing: str) -> Asked:
    name = an_id(Kind.USER)
    return Asked(body=BODIES["users_create"] | {"username": name, "email": f"{name}@example.com"})


def _a_sign_in(world, who: Caller, thing: str) -> Asked:
    name = f"bo-{an_id(Kind.USER)}"
    admin = a_person(world, Role.ADMIN, tenant=who.tenant)
    newcomer = Newcomer(username=name, name=name, password=PASSWORD)
    users.create(world.deps, caller=admin, newcomer=newcomer)
    return Asked(body={"username": name, "password": PASSWORD})


def _a_refresh(world, who: Caller, thing: str) -> Asked:
    said = _a_sign_in(world, who, thing).body
    origin = Origin(ip="10.0.0.1", user_agent="t", request_id="req-1")
    signed_in = sessions.sign_in(
        world.deps, name=said["username"], password=said["password"], origin=origin
    )
    return Asked(body={"refresh_token": signed_in.refresh_token})


def _a_password(world, who: Caller, thing: str) -> Asked:
    return Asked(body={"old_password": PASSWORD, "password": f"{PASSWORD} 2"})


def _its_name(world, who: Caller, thing: str) -> Asked:
    return Asked(body={"confirm": world.deps.users.get(who.tenant, thing).username})


def _a_delivery(world, who: Caller, thing: str) -> Asked:
    webhook = world.deps.webhooks.get(who.tenant, thing)
    delivery = a_delivery(tenant=who.tenant, webhook=webhook.id)
    world.deps.deliveries.again(delivery, at=EPOCH)
    return Asked(path={"delivery_id": delivery.id})


BODY_OF = {
    "jobs_cancel_some": _some_jobs,
    "jobs_delete_some": _some_jobs,
    "presentations_create": _a_deck,
    "users_create": _new_names,
    "users_erase": _its_name,
    "sessions_sign_in": _a_sign_in,
    "sessions_refresh": _a_refresh,
    "me_change_password": _a_password,
    "webhooks_replay": _a_delivery,
}
"""By operation: what is sent where the example of the document would not do."""

MAKES_ITS_OWN = {
    "jobs_cancel_some": "job_id",
    "jobs_delete_some": "a failed job",
    "jobs_remove": "a failed job",
    "jobs_resume": "a failed job",
    "jobs_retry": "a failed job",
    "uploads_give_up": "a waiting file",
}
"""Operations whose thing is named in the body, or has to be in some state: by which maker."""

WRONG_STATE = {
    "batches_retry": "nothing in it has failed",
    "uploads_complete": "it came whole, not in parts",
    "uploads_parts": "it came whole, not in parts",
    "users_erase": "the last administrator stays",
    "users_put_away": "the last administrator stays",
}
"""Operations that are let through, and then answered by 409: why."""


def by_session(world, who: Caller) -> Caller:
    """The same person, signed in by a password."""
    boss = a_person(world, Role.ADMIN, tenant=who.tenant)
    users.set_password(world.deps, caller=boss, user_id=who.owner, password=PASSWORD)
    signed_in = sessions.sign_in(
        world.deps,
        name=world.deps.users.get(who.tenant, who.owner).username,
        password=PASSWORD,
        origin=Origin(ip="10.0.0.1", user_agent="t", request_id="req-1"),
    )
    return identity.identify(world.deps, credential=signed_in.access_token)


BY_SESSION = ("sessions_sign_out", "me_change_password")
"""Operations for people who are signed in, not for keys."""
