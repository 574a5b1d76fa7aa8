"""What the sweep remembers, in the table: `ports.Sweeps`. One item."""

from reelsmith.domain.sweeps import Memory
from reelsmith.table import keys
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import absent, assign, stands, to_entity, to_item


class SweepTable:
    """`ports.Sweeps` on the single table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def memory(self) -> Memory:
        """What the last round remembered."""
        item = self._database.get(keys.sweep())
        return to_entity(Memory, item) if item else Memory()

    def remember(self, memory: Memory) -> bool:
        """Keep this where its version stands; false when another round was faster."""
        kept = memory.model_copy(update={"version": memory.version + 1})
        item = to_item(kept, "sweep", keys.sweep())
        names = {*Memory.model_fields, "et", "sv"}
        expects = stands(version=memory.version) if memory.version else absent()
        try:
            self._database.update(
                keys.sweep(), [assign(name, item.get(name)) for name in names], expects=expects
            )
        except Refused:
            return False
        return True
