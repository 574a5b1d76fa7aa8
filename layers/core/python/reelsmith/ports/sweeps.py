"""What the sweep remembers from one round to the next."""

from typing import Protocol

from reelsmith.domain.sweeps import Memory


class Sweeps(Protocol):
    """Where that is kept."""

    def memory(self) -> Memory:
        """What the last round remembered, read consistently."""

    def remember(self, memory: Memory) -> bool:
        """Keep this, as a new version, where `memory.version` stands; false when it does not."""
