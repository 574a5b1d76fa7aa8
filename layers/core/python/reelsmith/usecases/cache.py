"""What was made before, found by its content key.

The bucket forgets what lies in the cache thirty days after it was written. Whatever is found and
is half as old counts as written now: what is used stays, and nothing that a job has found goes
before the job is done.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from reelsmith.errors import NotFound
from reelsmith.ports import Deps

RENEWED_AFTER = timedelta(days=15)
_LOOKS = 8  # at a time: a look is a request of some ten milliseconds


def holds(deps: Deps, key: str, *beside: str, since: datetime | None = None) -> bool:
    """Whether there is something under `key`; then it stays, and so does what lies `beside` it.

    What was written before `since` does not count.
    """
    found = deps.store.head(key)
    if found is None or (since and found.written_at and found.written_at < since):
        return False
    if found.written_at and deps.now() - found.written_at > RENEWED_AFTER:
        with suppress(NotFound):
            for one in (*beside, key):
                deps.store.renew(one)
    return True


def held(deps: Deps, keys: Sequence[str], *, since: datetime | None = None) -> list[bool]:
    """For each key whether there is something under it, looked up side by side."""
    with ThreadPoolExecutor(_LOOKS) as looks:
        return list(looks.map(partial(holds, deps, since=since), keys))
