"""What looks suspicious: rules that count, and how much of it is too much."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Rule(StrEnum):
    """What was noticed. The action of its entry is `security.<rule>`."""

    FAILED_SIGN_INS = "failed_sign_ins"
    KEY_ADDRESSES = "key_addresses"
    MASS_DELETION = "mass_deletion"
    LONG_SLEEP = "long_sleep"
    REFUSALS = "refusals"


@dataclass(frozen=True, slots=True)
class Much:
    """So many within so many seconds are too much."""

    count: int
    seconds: int


OF_AN_ACCOUNT = Much(10, 3600)
"""Failed sign-ins."""

OF_AN_ADDRESS = Much(30, 3600)
"""Failed sign-ins, of whatever accounts."""

ADDRESSES = Much(5, 3600)
"""From which one key was used."""

DELETIONS = Much(50, 600)
"""By one user."""

REFUSALS = Much(20, 600)
"""Of what one user asked for and may not."""

SLEEP = timedelta(days=90)
"""A user who did not sign in for as long was asleep."""

ALARM_EVERY_S = 3600
"""One alarm for a rule and what it is about in this time."""
