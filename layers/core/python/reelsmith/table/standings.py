"""What each request looks at again: a user, its tenant, and its credential, in one read."""

from reelsmith.domain.people import ApiKey, Session, Tenant, User
from reelsmith.errors import NotFound
from reelsmith.ports.people import Standing
from reelsmith.table import keys
from reelsmith.table.database import Database
from reelsmith.table.items import EntityT, Item, to_entity
from reelsmith.table.keys import Key


def read(
    database: Database, tenant: str, user_id: str, *, key_id: str, session_id: str
) -> Standing:
    """See `ports.Credentials.standing`."""
    house, person = keys.tenant(tenant), keys.user(tenant, user_id)
    key, session = keys.api_key(tenant, key_id), keys.session(tenant, session_id)
    credentials = [*([key] if key_id else []), *([session] if session_id else [])]
    found = database.get_many([house, person, *credentials])
    return Standing(
        tenant=_there(Tenant, found, house),
        user=_there(User, found, person),
        key=_there(ApiKey, found, key) if key_id else None,
        session=_there(Session, found, session) if session_id else None,
    )


def _there(kind: type[EntityT], found: dict[Key, Item], place: Key) -> EntityT:
    item = found.get(place)
    if item is None:
        raise NotFound(f"no such {kind.__name__.lower()}")
    return to_entity(kind, item)
