"""The first tenant of a stage and its administrator's key, made once."""

import secrets
from dataclasses import asdict, dataclass
from typing import Any

from infra import names
from infra.local.place import Place, read_json, write_secret
from infra.local.synth import STAGE
from reelsmith import wiring
from reelsmith.domain import tokens
from reelsmith.errors import NameTaken, NotFound
from reelsmith.ports import Deps
from reelsmith.settings import Settings
from reelsmith.usecases import founding
from reelsmith.usecases.founding import Founded

PEPPER = names.parameter(STAGE, "pepper")
_TENANT = "Local stage"
_ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who uses this stage. The key is kept in clear: whoever reads the file owns the machine."""

    tenant: str
    api_key: str


def first(place: Place, settings: Settings) -> Identity:
    """The tenant and key of earlier runs, or new ones when the table does not know them."""
    deps = wiring.connect(settings)
    known = read_json(place.identity)
    if known and _is_known(deps, known):
        return Identity(**known)
    founded = _founded(deps)
    made = Identity(tenant=founded.tenant.id, api_key=founded.token)
    write_secret(place.identity, asdict(made))
    return made


def _founded(deps: Deps) -> Founded:
    """A tenant with an administrator, of another name where an earlier run left one behind."""
    try:
        return founding.found(deps, name=_TENANT, username=_ADMIN)
    except NameTaken:
        return founding.found(deps, name=_TENANT, username=f"{_ADMIN}-{secrets.token_hex(3)}")


def _is_known(deps: Deps, known: dict[str, Any]) -> bool:
    token = tokens.parse(str(known.get("api_key")))
    try:
        return token is not None and bool(deps.credentials.key(token.tenant, token.id))
    except (NotFound, KeyError):
        return False
