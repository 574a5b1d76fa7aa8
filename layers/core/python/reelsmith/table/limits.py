"""Token buckets and windows in the table: `ports.Limits`."""

from reelsmith.table.database import Database


class LimitTable:
    """`ports` on the single table; what each method promises is said there."""

    def __init__(self, database: Database) -> None:
        self._database = database
