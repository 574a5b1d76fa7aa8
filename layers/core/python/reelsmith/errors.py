"""The family of errors, as a tree. Codes are public and are never renamed.

ReelsmithError
├── Invalid             the request is wrong; names each field, its fault and the remedy
├── Unauthorized        no credential, or not a valid one
├── Forbidden           a valid credential that may not do this
├── NotFound            no such thing, or another tenant's thing: the two look the same
├── Conflict            the thing is not in a state where this is possible
│   ├── Stale           a worker of an attempt that is over; its results are dropped
│   ├── NameTaken       a username or an address is somebody's already
│   └── InUse           an unfinished job needs it; names the jobs
├── Outdated            the caller's If-Match is not what stands
├── TooMany             too many requests; says when to come again
├── KeyReused           an idempotency key came again with another body
├── OverQuota           a quota of the tenant is reached; says which, and when it opens again
├── MediaError          a file cannot be used, or a render went wrong; trying again cannot help
│   └── BrokenPromise   the finished film is not what the timeline promised
├── Cancelled           the job was called off while a task worked on it
└── Unavailable         a service is busy or out of reach; trying again can help
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class FieldFault(BaseModel):
    """One wrong field: where it stands, what is wrong with it, what to do about it."""

    model_config = ConfigDict(frozen=True)

    pointer: str
    detail: str
    remedy: str


class ReelsmithError(Exception):
    """Root of the family. `detail` is safe to show to any caller."""

    code = "internal"
    retryable = False

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Invalid(ReelsmithError):
    """The request is wrong. `faults` names every wrong field, not only the first."""

    code = "invalid_request"

    def __init__(self, detail: str, faults: tuple[FieldFault, ...] = ()) -> None:
        super().__init__(detail)
        self.faults = faults

    @classmethod
    def field(cls, pointer: str, detail: str, *, remedy: str) -> "Invalid":
        """An error about a single field; `pointer` is a JSON pointer such as `/images/0`."""
        fault = FieldFault(pointer=pointer, detail=detail, remedy=remedy)
        return cls(f"{pointer}: {detail}", (fault,))


class Unauthorized(ReelsmithError):
    """No credential came, or not a valid one."""

    code = "unauthorized"


class Forbidden(ReelsmithError):
    """The credential is valid and may not do this."""

    code = "forbidden"


class NotFound(ReelsmithError):
    """There is no such thing in the caller's tenant."""

    code = "not_found"


class Conflict(ReelsmithError):
    """The thing is not in a state where this is possible, or it changed meanwhile."""

    code = "conflict"


class Stale(Conflict):
    """The writer belongs to an attempt that is over."""

    code = "stale_attempt"


class NameTaken(Conflict):
    """A username or an address is somebody's already. `fields` says which."""

    code = "name_taken"

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__(f"{' and '.join(fields)} taken already")
        self.fields = fields


class InUse(Conflict):
    """Unfinished jobs need it. `jobs` names them."""

    code = "in_use"

    def __init__(self, detail: str, jobs: tuple[str, ...]) -> None:
        super().__init__(detail)
        self.jobs = jobs


class Outdated(ReelsmithError):
    """The thing changed since the caller read it: its If-Match names another version."""

    code = "precondition_failed"


class TooMany(ReelsmithError):
    """More requests than the caller may send. `retry_after_s` says when to come again."""

    code = "rate_limited"
    retryable = True

    def __init__(self, detail: str, *, retry_after_s: float) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class KeyReused(ReelsmithError):
    """The same idempotency key came with another body."""

    code = "idempotency_key_reused"


class OverQuota(ReelsmithError):
    """A quota of the tenant is reached: which, how much it allows and when it opens again.

    Without `resets_at` it opens when something ends or goes. `retry_after_s` counts from now.
    """

    code = "over_quota"
    retryable = True

    def __init__(
        self,
        detail: str,
        *,
        name: str,
        limit: int,
        used: float,
        resets_at: datetime | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s
        self.name = name
        self.limit = limit
        self.used = used
        self.resets_at = resets_at


class MediaError(ReelsmithError):
    """A file cannot be used, or a render went wrong. The same input fails the same way again."""

    code = "media_error"


class BrokenPromise(MediaError):
    """The finished film is not what the timeline promised."""

    code = "broken_promise"


class Cancelled(ReelsmithError):
    """The job was called off while a task worked on it."""

    code = "cancelled"


class Unavailable(ReelsmithError):
    """A service is busy or out of reach."""

    code = "unavailable"
    retryable = True
