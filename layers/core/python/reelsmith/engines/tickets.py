"""Session tokens: short JWTs signed with a key that is derived from the pepper."""

from collections.abc import Callable


class SessionTickets:
    """`ports.Tickets`."""

    def __init__(self, pepper: Callable[[], bytes]) -> None:
        self._pepper = pepper
