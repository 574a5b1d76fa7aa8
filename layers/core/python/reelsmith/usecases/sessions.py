"""Who is signed in, and whether a credential still opens anything."""

from reelsmith.domain.people import Caller
from reelsmith.errors import NotFound, Unauthorized
from reelsmith.ports import Deps


def look_again(deps: Deps, caller: Caller) -> None:
    """See that the caller's credential opens something at this very moment.

    Raises:
        Unauthorized: it was revoked or ended, or its user is not enabled any more.
    """
    try:
        if caller.key_id:
            good = deps.credentials.key(caller.tenant, caller.key_id).usable(deps.now())
        else:
            good = deps.credentials.session(caller.tenant, caller.session_id).usable(deps.now())
        good = good and deps.users.get(caller.tenant, caller.owner).enabled
    except NotFound:
        good = False
    if not good:
        raise Unauthorized("this credential was revoked")
