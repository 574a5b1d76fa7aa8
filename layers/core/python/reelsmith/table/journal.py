"""The audit journal in the table: `ports.Journal`."""

from reelsmith.table.database import Database


class JournalTable:
    """`ports` on the single table; what each method promises is said there."""

    def __init__(self, database: Database) -> None:
        self._database = database
