"""Links to things in the table: `ports.Shares`."""

from reelsmith.table.database import Database


class ShareTable:
    """`ports` on the single table; what each method promises is said there."""

    def __init__(self, database: Database) -> None:
        self._database = database
