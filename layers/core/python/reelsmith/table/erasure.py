"""What is being erased: `ports.Erasure`."""

from reelsmith.table.database import Database


class ErasureTable:
    """`ports` on the single table; what each method promises is said there."""

    def __init__(self, database: Database) -> None:
        self._database = database
