"""Rate limits over HTTPS: who passes, and what answers say of it.

`RateLimit` and `RateLimit-Policy` stand on answers as in draft-ietf-httpapi-ratelimit-headers-11:
`q` requests in a window of `w` seconds, `r` that are left now, `t` seconds until all are there
again. They inform; what counts is 429 with `Retry-After`.
"""

from contextvars import ContextVar

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from reelsmith.domain.people import Caller
from reelsmith.ports import Deps
from reelsmith.usecases import limits
from reelsmith.usecases.limits import Standing, Verdict

_WINDOW_S = 60
_told: ContextVar[tuple[Standing, ...]] = ContextVar("standings", default=())


class Turnstile:
    """Lets requests pass while their buckets last. One for all routes of a process."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._book = limits.Book()

    def admit(self, caller: Caller) -> None:
        """Let a caller's request pass. Raises TooMany."""
        self._say(limits.ask(self._deps, self._book, caller=caller))

    def admit_openly(self, app: APIGatewayHttpResolver, *, writes: bool) -> None:
        """Let a request without a credential pass. Raises TooMany.

        What is posted openly are passwords and refresh tokens: they have a bucket of their own.
        """
        settings = self._deps.settings
        self._say(
            limits.ask_openly(
                self._deps,
                self._book,
                address=app.current_event.request_context.http.source_ip or "",
                door="sign-in" if writes else "open",
                per_minute=(
                    settings.sign_ins_per_minute if writes else settings.open_requests_per_minute
                ),
            )
        )

    def _say(self, verdict: Verdict) -> None:
        _told.set(verdict.standings)
        verdict.enforce()


def begin() -> None:
    """Forget what was told of the request before."""
    _told.set(())


def headers() -> dict[str, str]:
    """What the answer to the request in hand says of its limits."""
    standings = _told.get()
    if not standings:
        return {}
    policy = (f'"{one.name}";q={one.per_minute};w={_WINDOW_S}' for one in standings)
    now = (f'"{one.name}";r={one.left};t={one.full_in_s}' for one in standings)
    return {"RateLimit-Policy": ", ".join(policy), "RateLimit": ", ".join(now)}
