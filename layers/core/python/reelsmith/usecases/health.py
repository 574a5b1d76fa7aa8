"""Whether the service can do its work."""

from contextlib import suppress

from reelsmith.errors import NotFound
from reelsmith.ports import Deps


def check(deps: Deps) -> None:
    """Read the table once. Raises what the table raises when it does not answer."""
    with suppress(NotFound):
        deps.people.tenant("ten_health")
